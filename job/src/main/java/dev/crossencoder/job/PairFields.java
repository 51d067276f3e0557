package dev.crossencoder.job;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;
import java.util.List;

/**
 * Where the two texts of a record are.
 *
 * @param text JSON Pointer (RFC 6901) of the first text
 * @param textPair JSON Pointer of the second text
 */
public record PairFields(String text, String textPair) implements Serializable {
  /** Queries with passages, and premises with hypotheses. */
  public static final List<PairFields> DEFAULTS =
      List.of(new PairFields("/query", "/passage"), new PairFields("/premise", "/hypothesis"));

  public PairFields {
    requireNonNull(text, "text is null");
    requireNonNull(textPair, "textPair is null");
  }

  @Override
  public String toString() {
    return text + " and " + textPair;
  }
}
