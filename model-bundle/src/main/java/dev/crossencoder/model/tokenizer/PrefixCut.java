package dev.crossencoder.model.tokenizer;

/**
 * Where a text may be cut so that the tokens of the first part are the first tokens of the whole.
 * Where nothing is known of a tokenizer, nothing is cut.
 */
interface PrefixCut {
  /** Cuts nowhere. */
  PrefixCut NONE = (text, limit) -> 0;

  /** Returns the last place to cut at or before a limit within the text, or 0 if there is none. */
  int before(String text, int limit);
}
