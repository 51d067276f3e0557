package dev.crossencoder.model.tokenizer;

/** Finds the ids of a text's tokens, without special tokens. Safe for use by several threads. */
@FunctionalInterface
interface TextIds {
  /** Returns the ids in the text's order; the array is the caller's. */
  int[] ids(String text);
}
