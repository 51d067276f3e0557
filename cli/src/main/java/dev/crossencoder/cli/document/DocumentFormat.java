package dev.crossencoder.cli.document;

import dev.crossencoder.cli.command.InputFile;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How a file holds documents. */
public enum DocumentFormat {
  /** Each line that is not blank is a document. */
  LINES(""),
  /** The whole file is one document. */
  FILES(""),
  /** Each line is a JSON string, or a JSON object with the text of a document. */
  JSONL("jsonl ndjson json"),
  /** A table with a header, with values separated by commas as in RFC 4180. */
  CSV("csv"),
  /** Like CSV, with tabs instead of commas. */
  TSV("tsv tab");

  /** The file extensions, separated by spaces. */
  private final String extensions;

  DocumentFormat(String extensions) {
    this.extensions = extensions;
  }

  /** Returns the format for the extension of a file, {@link #LINES} for extensions of no format. */
  public static DocumentFormat ofFile(String file) {
    String extension = InputFile.extension(file);
    return Arrays.stream(values())
        .filter(format -> List.of(format.extensions.split(" ", -1)).contains(extension))
        .findFirst()
        .orElse(LINES);
  }

  /** Returns the value of the option. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
