package dev.crossencoder.cli.document;

import static java.util.Objects.requireNonNull;

/**
 * A document as a file holds it, or the reason why it has no text.
 *
 * @param source the file and, where a file has several documents, the line number from 1, as in
 *     {@code passages.jsonl:4}
 * @param id the document's own id, null if it has none
 * @param text the text, null if there is a problem
 * @param problem a sentence that says why there is no text, null if there is a text
 */
public record Document(String source, String id, String text, String problem) {
  /** The number of UTF-16 units that {@link #beginning} returns at most. */
  public static final int MAX_BEGINNING = 80;

  private static final String CUT = "…";

  public Document {
    requireNonNull(source, "source is null");
    if ((text == null) == (problem == null)) {
      throw new IllegalArgumentException(
          "Invalid document %s: it has a text or a problem.".formatted(source));
    }
  }

  public static Document of(String source, String id, String text) {
    return new Document(source, id, text, null);
  }

  public static Document without(String source, String problem) {
    return new Document(source, null, null, problem);
  }

  /** Returns the beginning of the text on one line, without control characters, for a table. */
  public String beginning() {
    return beginning(0, text.length());
  }

  /** Returns the beginning of a part of the text, as {@link #beginning()} does. */
  public String beginning(int from, int to) {
    String start = text.substring(from, Math.min(to, from + 4 * MAX_BEGINNING));
    String line = start.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    if (line.length() <= MAX_BEGINNING && to - from == start.length()) {
      return line;
    }
    int end = Math.min(line.length(), MAX_BEGINNING - CUT.length());
    boolean half = end > 0 && Character.isHighSurrogate(line.charAt(end - 1));
    return line.substring(0, half ? end - 1 : end) + CUT;
  }
}
