package dev.crossencoder.cli.sql;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The blocks of statements on a page. */
record SqlPage(List<Block> blocks) {
  static final Path FILE = Path.of("..", "docs", "sql.md");
  private static final Pattern MARKER = Pattern.compile("<!-- sql: (.*) -->");

  /**
   * A block of statements.
   *
   * @param name the name in the comment before it; starts with "refused, " if the last statement is
   *     one that Flink or the provider refuses
   * @param statements the statements
   * @param answer the text block after it, which has the reason of a refusal; or empty
   */
  record Block(String name, String statements, String answer) {
    boolean isRun() {
      return !name.startsWith("not run, ");
    }

    boolean isRefused() {
      return name.startsWith("refused, ");
    }
  }

  static SqlPage read() throws IOException {
    return read(FILE);
  }

  static SqlPage read(Path page) throws IOException {
    List<String> lines = Files.readAllLines(page);
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).equals("```sql")) {
        Matcher name = MARKER.matcher(lines.get(i - 2));
        if (!name.matches()) {
          throw new AssertionError("The block in line %d has no name.".formatted(i + 1));
        }
        int end = end(lines, i);
        blocks.add(new Block(name.group(1), text(lines, i, end), answer(lines, end)));
      }
    }
    return new SqlPage(blocks);
  }

  /** The text block that follows before any other block. */
  private static String answer(List<String> lines, int from) {
    for (int i = from + 1; i < lines.size(); i++) {
      if (lines.get(i).startsWith("```")) {
        return lines.get(i).equals("```text") ? text(lines, i, end(lines, i)) : "";
      }
    }
    return "";
  }

  private static int end(List<String> lines, int start) {
    int end = start + 1;
    while (!lines.get(end).equals("```")) {
      end++;
    }
    return end;
  }

  private static String text(List<String> lines, int start, int end) {
    return String.join("\n", lines.subList(start + 1, end));
  }
}
