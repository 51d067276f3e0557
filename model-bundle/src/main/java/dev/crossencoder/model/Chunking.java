package dev.crossencoder.model;

import static java.util.Objects.requireNonNull;

import java.util.OptionalInt;

/**
 * How a text that does not fit is divided into chunks, which are scored one by one. A text that
 * fits is not divided.
 *
 * @param tokens the largest number of tokens of a chunk, special tokens and the other text not
 *     counted; empty for what fits beside the other text, which is also the upper bound
 * @param overlap the largest number of tokens that a chunk repeats of the one before it; at most
 *     half of a chunk is repeated
 * @param max the largest number of chunks of a text; the rest of the text is not read; empty for
 *     all
 * @param score how the scores of the chunks become the score of the text
 */
public record Chunking(OptionalInt tokens, int overlap, OptionalInt max, ChunkScore score) {
  /** The smallest value of {@code tokens}. */
  public static final int MIN_TOKENS = 8;

  /** The default of {@code overlap}. */
  public static final int DEFAULT_OVERLAP = 32;

  /** Chunks as large as fit, with an overlap of 32 tokens; the best one is the text's score. */
  public static final Chunking DEFAULT =
      new Chunking(OptionalInt.empty(), DEFAULT_OVERLAP, OptionalInt.empty(), ChunkScore.MAX);

  public Chunking {
    requireNonNull(tokens, "tokens is null");
    requireNonNull(max, "max is null");
    requireNonNull(score, "score is null");
    if (tokens.isPresent() && tokens.getAsInt() < MIN_TOKENS) {
      throw new IllegalArgumentException(
          "Invalid chunk tokens: %d. It must be at least %d; leave it out for what fits beside the query."
              .formatted(tokens.getAsInt(), MIN_TOKENS));
    }
    if (overlap < 0) {
      throw new IllegalArgumentException(
          "Invalid chunk overlap: %d. It must not be negative.".formatted(overlap));
    }
    if (max.isPresent() && max.getAsInt() <= 0) {
      throw new IllegalArgumentException(
          "Invalid chunk max: %d. It must be positive; leave it out for all chunks."
              .formatted(max.getAsInt()));
    }
  }
}
