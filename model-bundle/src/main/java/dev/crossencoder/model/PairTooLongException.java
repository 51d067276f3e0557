package dev.crossencoder.model;

/**
 * A pair has more tokens than the model can read, and its {@code Truncation} would remove all
 * tokens of the only text that it may shorten. The message contains numbers of tokens, but no text.
 */
public final class PairTooLongException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public PairTooLongException(String message) {
    // Many records can have such pairs, so the exception has no stack trace, which is expensive.
    super(message, null, false, false);
  }
}
