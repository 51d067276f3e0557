package dev.crossencoder.benchmark.quality;

import dev.crossencoder.benchmark.quality.QualityResult.Row;
import dev.crossencoder.benchmark.report.ChartStyle;
import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.DoubleStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A chart of the figure by pairs per second: each setting is a point, with its interval. */
final class QualityChart {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 480;
  private static final double MIN_RANGE = 0.05;
  private static final int MARKER_SIZE = 11;
  private static final int TEXT_SIZE = 14;
  private static final float LINE_WIDTH = 2;
  private static final Color[] COLORS = {
    new Color(0x2166ac),
    new Color(0xb2182b),
    new Color(0x1b7837),
    new Color(0xe08214),
    new Color(0x762a83),
    new Color(0x01665e)
  };

  private QualityChart() {}

  /** Draws a result as a PNG. */
  static void write(QualityResult result, Path file) throws IOException {
    System.setProperty("java.awt.headless", "true");
    BitmapEncoder.saveBitmap(chart(result), file.toString(), BitmapFormat.PNG);
  }

  /** The picture before it is encoded. */
  static XYChart chart(QualityResult result) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title("%s on %s".formatted(result.model(), result.title()))
            .xAxisTitle("pairs per second")
            .yAxisTitle(result.figure())
            .build();
    ChartStyle.apply(chart, TEXT_SIZE);
    chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
    chart.getStyler().setMarkerSize(MARKER_SIZE);
    List<Row> rows = result.rows();
    double fastest = rows.stream().mapToDouble(result::rate).max().orElse(1);
    chart.getStyler().setXAxisMin(0.0).setXAxisMax(fastest * 1.1);
    Row base = rows.get(0);
    line(chart, "fp32, for comparison", base.value(), fastest);
    if (result.before() != null) {
      line(chart, "before reranking", result.before(), fastest);
    }
    scale(chart, result);
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      double rate = result.rate(row);
      chart
          .addSeries(row.setting(), new double[] {rate}, new double[] {row.value()})
          .setMarker(SeriesMarkers.CIRCLE)
          .setMarkerColor(COLORS[i])
          .setLineColor(COLORS[i]);
      if (row.change() != null) {
        chart
            .addSeries(
                row.setting() + ", interval",
                new double[] {rate, rate},
                new double[] {
                  base.value() + row.change().low(), base.value() + row.change().high()
                })
            .setMarker(SeriesMarkers.NONE)
            .setLineColor(COLORS[i])
            .setLineStyle(new BasicStroke(LINE_WIDTH, BasicStroke.CAP_BUTT, BasicStroke.JOIN_BEVEL))
            .setShowInLegend(false);
      }
    }
    return chart;
  }

  /** Shows at least a certain range of the figure, so that a small difference looks small. */
  private static void scale(XYChart chart, QualityResult result) {
    double base = result.rows().get(0).value();
    double[] values =
        DoubleStream.concat(
                DoubleStream.of(base, result.before() == null ? base : result.before()),
                result.rows().stream()
                    .filter(row -> row.change() != null)
                    .flatMapToDouble(
                        row ->
                            DoubleStream.of(
                                row.value(),
                                base + row.change().low(),
                                base + row.change().high())))
            .sorted()
            .toArray();
    double low = values[0];
    double high = values[values.length - 1];
    double margin = Math.max((MIN_RANGE - (high - low)) / 2, (high - low) / 10);
    chart.getStyler().setYAxisMin(low - margin).setYAxisMax(high + margin);
  }

  private static void line(XYChart chart, String name, double value, double fastest) {
    boolean first = chart.getSeriesMap().isEmpty();
    chart
        .addSeries(name, new double[] {0, fastest * 1.1}, new double[] {value, value})
        .setMarker(SeriesMarkers.NONE)
        .setLineColor(first ? COLORS[0] : Color.GRAY)
        .setLineStyle(
            new BasicStroke(
                1, BasicStroke.CAP_BUTT, BasicStroke.JOIN_BEVEL, 1, new float[] {6, 4}, 0));
  }
}
