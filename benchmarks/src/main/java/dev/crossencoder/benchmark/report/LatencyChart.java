package dev.crossencoder.benchmark.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
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

/** Latency against offered load, as a picture. */
final class LatencyChart {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 520;

  private LatencyChart() {}

  /** Draws the medians of all rounds, as a PNG. */
  static void write(LatencyResult result, Path file) throws IOException {
    System.setProperty("java.awt.headless", "true");
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title("Latency of a pair at the operator, " + result.model())
            .xAxisTitle(
                "offered load, %% of %s pairs/s".formatted(Summary.number(result.saturation())))
            .yAxisTitle("milliseconds")
            .build();
    chart.getStyler().setYAxisLogarithmic(true);
    chart.getStyler().setYAxisDecimalPattern("#,##0");
    chart.getStyler().setXAxisMin(0.0).setXAxisMax(100.0);
    chart.getStyler().setLegendPosition(LegendPosition.InsideNW);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setPlotGridLinesColor(new Color(0xdddddd));
    chart.getStyler().setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 16));
    add(chart, result, "p99", new Color(0xb2182b), LatencyResult.Percentiles::p99);
    add(chart, result, "p95", new Color(0xef8a62), LatencyResult.Percentiles::p95);
    add(chart, result, "p50", new Color(0x2166ac), LatencyResult.Percentiles::p50);
    double lone = result.lone().p50();
    chart
        .addSeries("p50 of a lone forward pass", new double[] {0, 100}, new double[] {lone, lone})
        .setMarker(SeriesMarkers.NONE)
        .setLineColor(new Color(0x777777))
        .setLineStyle(
            new BasicStroke(
                1.2f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_BEVEL, 1, new float[] {6, 4}, 0));
    BitmapEncoder.saveBitmap(chart, file.toString(), BitmapFormat.PNG);
  }

  private static void add(
      XYChart chart,
      LatencyResult result,
      String name,
      Color colour,
      ToDoubleFunction<LatencyResult.Percentiles> percentile) {
    Map<Double, List<LatencyResult.Point>> points = new TreeMap<>(SectionTables.byLoad(result));
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
        .setLineColor(colour);
  }
}
