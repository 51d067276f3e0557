package dev.crossencoder.cli.command;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.ColumnData;
import com.github.freva.asciitable.HorizontalAlign;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Formats a table for a terminal: the first column to the left, the others to the right. */
public final class TextTable {
  private TextTable() {}

  /**
   * Returns the table.
   *
   * @param lines the first one has the names of the columns
   */
  public static String of(List<List<String>> lines) {
    List<String> header = lines.get(0);
    List<ColumnData<List<String>>> columns =
        IntStream.range(0, header.size())
            .mapToObj(
                i -> {
                  HorizontalAlign align = i == 0 ? HorizontalAlign.LEFT : HorizontalAlign.RIGHT;
                  return new Column()
                      .header(header.get(i))
                      .headerAlign(align)
                      .dataAlign(align)
                      .<List<String>>with(line -> line.get(i));
                })
            .toList();
    return AsciiTable.getTable(AsciiTable.NO_BORDERS, lines.subList(1, lines.size()), columns)
        .lines()
        .map(String::stripTrailing)
        .collect(Collectors.joining("\n", "", "\n"));
  }
}
