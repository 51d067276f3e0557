package dev.crossencoder.model.tokenizer;

/**
 * Finds positions at which a text may be cut so that the tokens of the first part are the first
 * tokens of the whole text.
 */
interface PrefixCut {
  /** Never cuts. For tokenizers without a known rule. */
  PrefixCut NONE = (text, limit) -> 0;

  /**
   * Returns the last cut position at or before {@code limit}, or 0 if there is none.
   *
   * @param limit an index within the text
   */
  int before(String text, int limit);
}
