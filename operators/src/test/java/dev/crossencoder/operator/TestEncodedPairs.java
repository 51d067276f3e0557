package dev.crossencoder.operator;

import dev.crossencoder.model.EncodedPair;

/** Makes what only a tokenizer makes otherwise. */
public final class TestEncodedPairs {
  private TestEncodedPairs() {}

  /** Returns a pair of so many tokens. */
  public static EncodedPair ofLength(int length) {
    return new EncodedPair(new int[length], new int[length], false);
  }
}
