package dev.crossencoder.model;

/**
 * A pair that does not fit into a model's length and whose {@code Truncation} leaves nothing of the
 * text that may be shortened. The message has numbers of tokens and none of the texts.
 */
public final class PairTooLongException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public PairTooLongException(String message) {
    // Such pairs can be every third one: their stack traces would be the most expensive part.
    super(message, null, false, false);
  }
}
