package dev.crossencoder.cli.evaluate;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoublePredicate;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * A scatter plot of two systems: each point is a query or a pair. Points on the diagonal have the
 * same value under both.
 *
 * @param what each point is
 * @param value what the axes show
 * @param first the name of the system of the horizontal axis
 * @param second the name of the system of the vertical axis
 * @param groups the points, by the name of their group; empty if there is no picture
 */
record ComparisonChart(
    String what, String value, String first, String second, Map<String, Points> groups) {
  static final String FILE = "comparison.png";

  private static final int SIZE = 720;
  private static final int MARKER_SIZE = 7;

  /** Half transparent, so that many points on the same place are darker. */
  private static final int ALPHA = 130;

  private static final Color[] COLORS = {
    new Color(0x1f, 0x77, 0xb4, ALPHA), new Color(0xff, 0x7f, 0x0e, ALPHA)
  };

  /** The values of both systems. */
  record Points(double[] first, double[] second) {
    private Points where(double[] gold, DoublePredicate wanted) {
      int[] kept = IntStream.range(0, gold.length).filter(i -> wanted.test(gold[i])).toArray();
      return new Points(
          Arrays.stream(kept).mapToDouble(i -> first[i]).toArray(),
          Arrays.stream(kept).mapToDouble(i -> second[i]).toArray());
    }

    private DoubleStream all() {
      return DoubleStream.concat(Arrays.stream(first), Arrays.stream(second));
    }
  }

  /**
   * Returns the plot of two systems on the same data: the gain of each query of a ranking, or its
   * figure if there is no ranking before; the score of each pair. Labels have no plot.
   *
   * @param before the outcomes before reranking; null if there are none
   * @param figure the figure of queries
   */
  static ComparisonChart of(PairScoring first, PairScoring second, Outcomes before, String figure) {
    String what = "pair";
    String value = "score";
    Map<String, Points> groups = new LinkedHashMap<>();
    if (first.outcomes() instanceof RankingOutcomes a
        && second.outcomes() instanceof RankingOutcomes b) {
      what = "query";
      if (before instanceof RankingOutcomes ranked) {
        value = "gain in " + figure;
        groups.put("queries", new Points(a.gains(ranked, figure), b.gains(ranked, figure)));
      } else {
        value = figure;
        groups.put("queries", new Points(a.values(figure), b.values(figure)));
      }
    } else if (first.outcomes() instanceof ScoreOutcomes a
        && second.outcomes() instanceof ScoreOutcomes b) {
      Points points = new Points(a.scores(), b.scores());
      if (a.binary()) {
        groups.put("gold 1", points.where(a.gold(), gold -> gold == 1));
        groups.put("gold 0", points.where(a.gold(), gold -> gold != 1));
      } else {
        groups.put("pairs", points);
      }
    }
    return new ComparisonChart(
        what, value, first.system().title(), second.system().title(), groups);
  }

  /**
   * Writes the plot.
   *
   * @param folder is created if it is not there
   * @return the file; empty if there is nothing to draw
   */
  Optional<Path> write(Path folder) throws IOException {
    return groups.isEmpty() ? Optional.empty() : Optional.of(Charts.save(chart(), folder, FILE));
  }

  XYChart chart() {
    XYChart chart =
        new XYChartBuilder()
            .width(SIZE)
            .height(SIZE)
            .title("%s of each %s under A and B".formatted(value, what))
            .xAxisTitle("%s, A: %s".formatted(value, first))
            .yAxisTitle("%s, B: %s".formatted(value, second))
            .build();
    Charts.style(chart.getStyler());
    chart.getStyler().setDefaultSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
    chart.getStyler().setMarkerSize(MARKER_SIZE);
    double low = groups.values().stream().flatMapToDouble(Points::all).min().orElseThrow();
    double high = groups.values().stream().flatMapToDouble(Points::all).max().orElseThrow();
    chart
        .addSeries("A = B", new double[] {low, high}, new double[] {low, high})
        .setXYSeriesRenderStyle(XYSeriesRenderStyle.Line)
        .setMarker(SeriesMarkers.NONE)
        .setLineColor(Color.GRAY)
        .setLineStyle(Charts.dashes());
    // Both axes have the same range, so that the diagonal is one.
    double margin = low == high ? 1 : (high - low) / 20;
    chart
        .getStyler()
        .setXAxisMin(low - margin)
        .setXAxisMax(high + margin)
        .setYAxisMin(low - margin)
        .setYAxisMax(high + margin);
    int group = 0;
    for (Map.Entry<String, Points> points : groups.entrySet()) {
      chart
          .addSeries(points.getKey(), points.getValue().first(), points.getValue().second())
          .setMarker(SeriesMarkers.CIRCLE)
          .setMarkerColor(COLORS[group]);
      group++;
    }
    return chart;
  }
}
