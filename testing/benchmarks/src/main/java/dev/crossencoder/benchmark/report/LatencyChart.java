package dev.crossencoder.benchmark.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A chart of latency by offered load. */
final class LatencyChart {
  /**
   * The largest load that is drawn, as a share of saturation. At higher loads the queue length
   * fluctuates over times longer than the measurement.
   */
  static final double MAX_LOAD = 0.7;

  private static final int WIDTH = 900;
  private static final int HEIGHT = 480;
  private static final float LINE_WIDTH = 2.5f;
  private static final int TEXT_SIZE = 15;

  private LatencyChart() {}

  /**
   * Draws the medians of all rounds as a PNG. The 99th percentile is computed over all rounds,
   * because it needs more pairs than one round has.
   */
  static void write(LatencyResult result, Path file) throws IOException {
    System.setProperty("java.awt.headless", "true");
    XYChart chart = chart(result);
    BitmapEncoder.saveBitmap(chart, file.toString(), BitmapFormat.PNG);
  }

  /** The picture before it is encoded. */
  static XYChart chart(LatencyResult result) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title("Milliseconds from a pair's arrival to its result, " + result.model())
            .xAxisTitle(
                "offered load, %% of the %s pairs/s at saturation"
                    .formatted(Summary.number(result.saturation())))
            .build();
    ChartStyle.apply(chart, TEXT_SIZE);
    chart.getStyler().setYAxisTitleVisible(false);
    chart.getStyler().setYAxisDecimalPattern("#,##0");
    chart.getStyler().setXAxisDecimalPattern("0");
    chart.getStyler().setXAxisMin(0.0).setXAxisMax(100 * MAX_LOAD + 2).setYAxisMin(0.0);
    chart.getStyler().setXAxisTickMarkSpacingHint(WIDTH / 10);
    chart.getStyler().setLegendPosition(LegendPosition.InsideNW);
    add(
        chart,
        result,
        "95 of 100 pairs are faster (p95)",
        new Color(0xb2182b),
        LatencyResult.Percentiles::p95);
    add(
        chart,
        result,
        "half of them are (p50)",
        new Color(0x2166ac),
        LatencyResult.Percentiles::p50);
    double lone = result.lone().p50();
    chart
        .addSeries(
            "a forward pass with nothing else, p50",
            new double[] {0, 100 * MAX_LOAD},
            new double[] {lone, lone})
        .setMarker(SeriesMarkers.NONE)
        .setLineColor(new Color(0x777777))
        .setLineStyle(
            new BasicStroke(
                1.5f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_BEVEL, 1, new float[] {6, 4}, 0));
    return chart;
  }

  private static void add(
      XYChart chart,
      LatencyResult result,
      String name,
      Color colour,
      ToDoubleFunction<LatencyResult.Percentiles> percentile) {
    Map<Double, List<LatencyResult.Point>> points = new TreeMap<>(SectionTables.byLoad(result));
    points.keySet().removeIf(load -> load > MAX_LOAD);
    double[] loads = points.keySet().stream().mapToDouble(load -> 100 * load).toArray();
    double[] millis =
        points.values().stream()
            .mapToDouble(
                rounds ->
                    Summary.median(
                        rounds.stream()
                            .map(point -> percentile.applyAsDouble(point.millis()))
                            .toList()))
            .toArray();
    chart
        .addSeries(name, loads, millis)
        .setMarker(SeriesMarkers.CIRCLE)
        .setMarkerColor(colour)
        .setLineColor(colour)
        .setLineStyle(new BasicStroke(LINE_WIDTH, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
  }
}
