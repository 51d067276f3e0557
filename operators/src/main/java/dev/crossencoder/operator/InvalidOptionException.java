package dev.crossencoder.operator;

import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.configuration.ConfigOption;

/**
 * The value of an option is invalid. The message names the key, the value and the allowed values.
 */
@PublicEvolving
public final class InvalidOptionException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception for a value that is not allowed.
   *
   * @param wanted a sentence that says what is allowed
   */
  public InvalidOptionException(ConfigOption<?> option, Object value, String wanted) {
    super("Invalid %s: %s. %s".formatted(option.key(), value, wanted));
  }

  /** Creates the exception for a value that cannot be parsed. */
  public InvalidOptionException(ConfigOption<?> option, String reason, Throwable cause) {
    super("Invalid %s: %s".formatted(option.key(), reason), cause);
  }

  /**
   * Checks a value.
   *
   * @param wanted a sentence that says what is valid
   * @throws InvalidOptionException if it is not valid
   */
  static void check(boolean valid, ConfigOption<?> option, Object value, String wanted) {
    if (!valid) {
      throw new InvalidOptionException(option, value, wanted);
    }
  }
}
