package dev.crossencoder.cli.score;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The forms in which pairs are read and written. */
enum ScoreFormat {
  /** One JSON object a line. */
  JSONL("jsonl ndjson json"),
  /** Values separated by commas, as RFC 4180 says. */
  CSV("csv"),
  /** As CSV, with tabs in place of commas. */
  TSV("tsv tab");

  /** Separated by spaces; the first is the format's name. */
  private final String extensions;

  ScoreFormat(String extensions) {
    this.extensions = extensions;
  }

  /** The format that a file's extension names, if it is one of those known. */
  static Optional<ScoreFormat> ofFile(String file) {
    String extension = file.substring(file.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return Arrays.stream(values())
        .filter(format -> format.extensions().contains(extension))
        .findAny();
  }

  private List<String> extensions() {
    return List.of(extensions.split(" ", -1));
  }

  /** The name as an option's value. */
  @Override
  public String toString() {
    return extensions().get(0);
  }
}
