package dev.crossencoder.operator;

import static java.util.Objects.requireNonNull;

import org.apache.flink.annotation.PublicEvolving;

/** A record that cannot be scored, and never will be. Carries the {@link Failure} it becomes. */
@PublicEvolving
public final class InvalidRecordException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String code;

  /**
   * Creates one.
   *
   * @param code a short constant in lower case with underscores, by which failures are counted
   * @param message one sentence for people, without texts of the record
   */
  public InvalidRecordException(String code, String message) {
    // Bad records can be every third one: their stack traces would be the most expensive part.
    super(message, null, false, false);
    this.code = requireNonNull(code, "code is null");
  }

  /** What the record becomes. */
  public Failure failure() {
    return new Failure(code, getMessage());
  }
}
