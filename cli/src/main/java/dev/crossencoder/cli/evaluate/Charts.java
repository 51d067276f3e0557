package dev.crossencoder.cli.evaluate;

import dev.crossencoder.evaluation.calibration.CalibrationError;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws what a model did, as PNG files. */
final class Charts {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 480;
  private static final int TEXT_SIZE = 15;

  private Charts() {}

  /**
   * Draws the pictures that the outcomes allow: the gain by query of a ranking ({@code gain.png});
   * the histogram of scores by label of a binary classification ({@code scores.png}), and its
   * reliability curve if scores are from 0 to 1 ({@code reliability.png}).
   *
   * @param folder is created if it is not there
   * @param before the outcomes before reranking; null if there are none
   * @param figure the figure whose gain is drawn
   * @return the files
   */
  static List<Path> write(Path folder, Outcomes outcomes, Outcomes before, String figure)
      throws IOException {
    Map<String, Chart<?, ?>> charts = new LinkedHashMap<>();
    if (outcomes instanceof RankingOutcomes after && before instanceof RankingOutcomes ranked) {
      charts.put("gain.png", gain(gains(after, ranked, figure), figure));
    }
    if (outcomes instanceof ScoreOutcomes scores && scores.binary()) {
      charts.put("scores.png", histogram(ScoreBins.of(scores)));
      if (scores.probabilities()) {
        charts.put("reliability.png", reliability(ScoreBins.of(scores)));
      }
    }
    List<Path> files = new ArrayList<>();
    for (Map.Entry<String, Chart<?, ?>> chart : charts.entrySet()) {
      files.add(save(chart.getValue(), folder, chart.getKey()));
    }
    return files;
  }

  /**
   * Saves a picture.
   *
   * @param folder is created if it is not there
   * @return the file
   */
  static Path save(Chart<?, ?> chart, Path folder, String name) throws IOException {
    System.setProperty("java.awt.headless", "true");
    Files.createDirectories(folder);
    Path file = folder.resolve(name);
    BitmapEncoder.saveBitmap(chart, file.toString(), BitmapFormat.PNG);
    return file;
  }

  /** Returns how much each query has gained, the largest gain first. */
  static List<Double> gains(RankingOutcomes after, RankingOutcomes before, String figure) {
    return Arrays.stream(after.gains(before, figure))
        .boxed()
        .sorted(Comparator.reverseOrder())
        .toList();
  }

  private static XYChart gain(List<Double> gains, String figure) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title("Gain of each query in " + figure + ", largest first")
            .xAxisTitle("queries")
            .build();
    style(chart.getStyler());
    chart.getStyler().setLegendVisible(false);
    double[] queries = IntStream.rangeClosed(1, gains.size()).asDoubleStream().toArray();
    chart
        .addSeries("gain", queries, gains.stream().mapToDouble(Double::doubleValue).toArray())
        .setMarker(SeriesMarkers.CIRCLE);
    chart
        .addSeries("none", new double[] {1, gains.size()}, new double[] {0, 0})
        .setMarker(SeriesMarkers.NONE)
        .setLineColor(Color.GRAY)
        .setLineStyle(dashes());
    return chart;
  }

  static CategoryChart histogram(ScoreBins bins) {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title("Pairs by score and gold label")
            .xAxisTitle("score")
            .yAxisTitle("pairs")
            .build();
    style(chart.getStyler());
    // Within the plot, it would cover bars.
    chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
    chart.addSeries("gold 1", bins.centres(), bins.positives());
    chart.addSeries("gold 0", bins.centres(), bins.negatives());
    return chart;
  }

  /** Draws the reliability curves before and after a calibration. */
  static void reliability(CalibrationError before, CalibrationError after, Path file)
      throws IOException {
    System.setProperty("java.awt.headless", "true");
    XYChart chart =
        reliability(
            "Reliability: the share of pairs that are right, by their probability",
            "mean probability of the pairs of a bin",
            "share of right pairs");
    addBins(chart, "before", before);
    addBins(chart, "after", after);
    addDiagonal(chart);
    BitmapEncoder.saveBitmap(chart, file.toString(), BitmapFormat.PNG);
  }

  private static void addBins(XYChart chart, String name, CalibrationError error) {
    chart
        .addSeries(
            name,
            error.bins().stream().mapToDouble(CalibrationError.Bin::probability).toArray(),
            error.bins().stream().mapToDouble(CalibrationError.Bin::share).toArray())
        .setMarker(SeriesMarkers.CIRCLE);
  }

  private static XYChart reliability(String title, String xAxis, String yAxis) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(xAxis)
            .yAxisTitle(yAxis)
            .build();
    style(chart.getStyler());
    chart.getStyler().setXAxisMin(0.0).setXAxisMax(1.0).setYAxisMin(0.0).setYAxisMax(1.0);
    return chart;
  }

  private static void addDiagonal(XYChart chart) {
    chart
        .addSeries("perfectly calibrated", new double[] {0, 1}, new double[] {0, 1})
        .setMarker(SeriesMarkers.NONE)
        .setLineColor(Color.GRAY)
        .setLineStyle(dashes());
  }

  private static XYChart reliability(ScoreBins bins) {
    XYChart chart =
        reliability(
            "Reliability: the share of gold 1 among pairs with a score",
            "mean score of the pairs of a bin",
            "share of gold 1");
    int[] filled = bins.filled();
    chart
        .addSeries(
            "model",
            Arrays.stream(filled).mapToDouble(bins::meanScore).toArray(),
            Arrays.stream(filled).mapToDouble(bins::positiveShare).toArray())
        .setMarker(SeriesMarkers.CIRCLE);
    addDiagonal(chart);
    return chart;
  }

  static void style(Styler styler) {
    Font text = new Font(Font.SANS_SERIF, Font.PLAIN, TEXT_SIZE);
    styler.setChartTitleFont(text.deriveFont(Font.BOLD));
    styler.setLegendFont(text);
    styler.setLegendPosition(LegendPosition.InsideNW);
    styler.setChartBackgroundColor(Color.WHITE);
  }

  static BasicStroke dashes() {
    return new BasicStroke(
        1.5f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_BEVEL, 1, new float[] {6, 4}, 0);
  }
}
