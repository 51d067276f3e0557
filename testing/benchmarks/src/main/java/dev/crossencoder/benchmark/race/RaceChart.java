package dev.crossencoder.benchmark.race;

import dev.crossencoder.benchmark.race.RaceResult.Entry;
import dev.crossencoder.benchmark.race.RaceResult.Load;
import dev.crossencoder.benchmark.report.ChartStyle;
import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * A chart of the 99th percentile by offered rate: a line for each contender, up to what it
 * sustains.
 */
final class RaceChart {
  private static final int WIDTH = 1000;
  private static final int HEIGHT = 520;
  private static final int TEXT_SIZE = 14;
  private static final float LINE_WIDTH = 2.5f;
  private static final Color[] COLORS = {
    new Color(0x2166ac),
    new Color(0x67a9cf),
    new Color(0x92c5de),
    new Color(0xb2182b),
    new Color(0xe08214),
    new Color(0x1b7837),
    new Color(0x762a83),
    new Color(0x777777)
  };

  private RaceChart() {}

  /** Draws a result as a PNG. */
  static void write(RaceResult result, Path file) throws IOException {
    System.setProperty("java.awt.headless", "true");
    BitmapEncoder.saveBitmap(chart(result), file.toString(), BitmapFormat.PNG);
  }

  /** The picture before it is encoded. */
  static XYChart chart(RaceResult result) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title("p99 in milliseconds by offered rate, " + result.model())
            .xAxisTitle("records per second")
            .build();
    ChartStyle.apply(chart, TEXT_SIZE);
    chart.getStyler().setYAxisTitleVisible(false);
    chart.getStyler().setYAxisLogarithmic(true);
    chart.getStyler().setYAxisDecimalPattern("#,##0");
    chart.getStyler().setXAxisDecimalPattern("#,##0");
    chart.getStyler().setXAxisMin(0.0);
    chart.getStyler().setLegendPosition(LegendPosition.OutsideS);
    for (Entry entry : result.entries()) {
      List<Load> loads = sustained(entry);
      if (!loads.isEmpty()) {
        Color color = COLORS[Contender.keys().indexOf(entry.contender())];
        chart
            .addSeries(
                entry.which().title(),
                loads.stream().mapToDouble(Load::offered).toArray(),
                loads.stream().mapToDouble(load -> Math.max(1, load.millis().p99())).toArray())
            .setMarker(SeriesMarkers.CIRCLE)
            .setMarkerColor(color)
            .setLineColor(color)
            .setLineStyle(
                new BasicStroke(LINE_WIDTH, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
      }
    }
    return chart;
  }

  private static List<Load> sustained(Entry entry) {
    return Stream.concat(entry.loads().stream(), entry.search().stream())
        .filter(Load::sustained)
        .sorted(Comparator.comparingDouble(Load::offered))
        .toList();
  }
}
