package dev.crossencoder.benchmark.report;

import java.util.List;

/** Writes a table in Markdown. Owned by one thread. */
public final class MarkdownTable {
  private final StringBuilder text;

  private MarkdownTable(StringBuilder text) {
    this.text = text;
  }

  /**
   * Starts a table at the end of a text. The first column is aligned to the left, the others to the
   * right.
   */
  public static MarkdownTable in(StringBuilder text, List<String> columns) {
    MarkdownTable table = new MarkdownTable(text);
    table.row(columns);
    text.append("|---|").append("---:|".repeat(columns.size() - 1)).append('\n');
    return table;
  }

  public MarkdownTable row(List<String> cells) {
    text.append('|');
    for (String cell : cells) {
      text.append(' ').append(cell.replace("|", "\\|")).append(" |");
    }
    text.append('\n');
    return this;
  }
}
