package dev.crossencoder.cli.rank;

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
record Document(String source, String id, String text, String problem) {
  Document {
    requireNonNull(source, "source is null");
    if ((text == null) == (problem == null)) {
      throw new IllegalArgumentException(
          "Invalid document %s: it has a text or a problem.".formatted(source));
    }
  }

  static Document of(String source, String id, String text) {
    return new Document(source, id, text, null);
  }

  static Document without(String source, String problem) {
    return new Document(source, null, null, problem);
  }
}
