package dev.crossencoder.operator;

import java.util.regex.Pattern;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.configuration.ConfigOption;

/**
 * The value of an option is invalid. The message names the key, the value and the allowed values.
 */
@PublicEvolving
public final class InvalidOptionException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;
  private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

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

  private InvalidOptionException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Returns the exception for one of several models. */
  InvalidOptionException ofModel(String name) {
    return new InvalidOptionException("Model %s: %s".formatted(name, getMessage()), this);
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

  /** Checks that a number, which may be null, is positive. */
  static void checkPositive(ConfigOption<Integer> option, Integer value) {
    check(value == null || value > 0, option, value, "It must be positive.");
  }

  /** Checks a digest, which may be null. */
  static void checkDigest(ConfigOption<String> option, String digest) {
    check(
        digest == null || DIGEST.matcher(digest).matches(),
        option,
        digest,
        "It must be sha256: and 64 lower-case hexadecimal digits, as 'cross-encoder inspect' prints it.");
  }
}
