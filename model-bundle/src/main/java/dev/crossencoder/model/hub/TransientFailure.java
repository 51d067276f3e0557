package dev.crossencoder.model.hub;

import java.io.IOException;
import java.util.Optional;

/** The server's response is an error that a retry may resolve. */
final class TransientFailure extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient Optional<String> retryAfter;

  /**
   * @param retryAfter the value of the {@code Retry-After} header
   */
  TransientFailure(String message, Optional<String> retryAfter) {
    super(message);
    this.retryAfter = retryAfter;
  }

  Optional<String> retryAfter() {
    return retryAfter;
  }
}
