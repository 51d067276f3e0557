package dev.crossencoder.model.tokenizer;

/** Tokenizes a text to ids, without special tokens. Thread-safe. */
@FunctionalInterface
interface TextIds {
  /** Returns the ids of a text's tokens, in order. The caller owns the array. */
  int[] ids(String text);
}
