package dev.crossencoder.operator;

import static java.util.Objects.requireNonNull;

import org.apache.flink.annotation.PublicEvolving;

/**
 * Thrown by a {@link PairSelector} for a record that can never be scored. The record becomes a
 * result with {@link #failure()}; the task continues.
 */
@PublicEvolving
public final class InvalidRecordException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String code;

  /**
   * Creates the exception, without a stack trace.
   *
   * @param code a short constant in lower case with underscores; metrics count failures by code
   * @param message one sentence; contains no text of the record
   */
  public InvalidRecordException(String code, String message) {
    // Many records of a stream can be invalid; stack traces would dominate the cost of handling
    // them.
    super(message, null, false, false);
    this.code = requireNonNull(code, "code is null");
  }

  /** Returns the failure that the result of the record has. */
  public Failure failure() {
    return new Failure(code, getMessage());
  }
}
