package dev.crossencoder.model;

import static java.util.Objects.requireNonNull;

/**
 * Two texts that a cross-encoder reads together: a query and a passage, or a premise and a
 * hypothesis. Both may be empty.
 *
 * @param text the first text (query, premise)
 * @param textPair the second text (passage, hypothesis)
 */
public record TextPair(String text, String textPair) {
  public TextPair {
    requireNonNull(text, "text is null");
    requireNonNull(textPair, "textPair is null");
  }

  /** Returns the lengths only, because texts must not get into logs. */
  @Override
  public String toString() {
    return "TextPair[" + text.length() + " and " + textPair.length() + " chars]";
  }
}
