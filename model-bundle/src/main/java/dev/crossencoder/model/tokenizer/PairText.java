package dev.crossencoder.model.tokenizer;

/** One of the two texts of a pair. */
public enum PairText {
  /** The query or premise. */
  FIRST,

  /** The passage or hypothesis. */
  SECOND
}
