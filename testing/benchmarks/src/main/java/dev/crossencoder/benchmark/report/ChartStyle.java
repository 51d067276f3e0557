package dev.crossencoder.benchmark.report;

import java.awt.Color;
import java.awt.Font;
import org.knowm.xchart.XYChart;

/** What the charts of all pages have in common: fonts, background and grid. */
public final class ChartStyle {
  private ChartStyle() {}

  /**
   * Applies the style.
   *
   * @param textSize the size of all texts, in points
   */
  public static void apply(XYChart chart, int textSize) {
    Font text = new Font(Font.SANS_SERIF, Font.PLAIN, textSize);
    chart.getStyler().setChartTitleFont(text.deriveFont(Font.BOLD));
    chart.getStyler().setAxisTitleFont(text);
    chart.getStyler().setAxisTickLabelsFont(text);
    chart.getStyler().setLegendFont(text);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setPlotGridLinesColor(new Color(0xdddddd));
  }
}
