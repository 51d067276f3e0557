package dev.crossencoder.model.hub;

import java.io.IOException;
import java.util.Optional;

/** An answer that asks to try again later. */
final class TransientFailure extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient Optional<String> retryAfter;

  /**
   * Creates one.
   *
   * @param retryAfter the header of that name
   */
  TransientFailure(String message, Optional<String> retryAfter) {
    super(message);
    this.retryAfter = retryAfter;
  }

  Optional<String> retryAfter() {
    return retryAfter;
  }
}
