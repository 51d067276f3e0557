package dev.crossencoder.cli.score;

import dev.crossencoder.cli.command.InputFile;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The file formats of pairs. */
enum ScoreFormat {
  /** JSON Lines: one JSON object per line. */
  JSONL("jsonl ndjson json"),
  /** Values separated by commas, as in RFC 4180. */
  CSV("csv"),
  /** Like CSV, with tabs instead of commas. */
  TSV("tsv tab");

  /** The file extensions, separated by spaces; the first one is the name of the format. */
  private final String extensions;

  ScoreFormat(String extensions) {
    this.extensions = extensions;
  }

  /** Returns the format for the extension of a file, if it is known. */
  static Optional<ScoreFormat> ofFile(String file) {
    String extension = InputFile.extension(file);
    return Arrays.stream(values())
        .filter(format -> format.extensions().contains(extension))
        .findAny();
  }

  private List<String> extensions() {
    return List.of(extensions.split(" ", -1));
  }

  /** Returns the value of the option. */
  @Override
  public String toString() {
    return extensions().get(0);
  }
}
