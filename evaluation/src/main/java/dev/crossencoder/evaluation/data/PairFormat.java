package dev.crossencoder.evaluation.data;

import java.nio.file.Path;

/** The formats of labelled pairs. */
public enum PairFormat {
  /** An object on each line, or an array of objects. */
  JSONL,
  /** A table with commas and quotes, as in RFC 4180. */
  CSV,
  /** A table with tabs and without quotes, as the files of GLUE: a quote is part of a text. */
  TSV;

  /**
   * Returns the format for the extension of a file: that of JSON, {@code .csv}, and the table with
   * tabs for all others.
   */
  public static PairFormat ofFile(Path path) {
    return switch (new TextFile(path).extension()) {
      case "jsonl", "ndjson", "json" -> JSONL;
      case "csv" -> CSV;
      default -> TSV;
    };
  }
}
