package dev.crossencoder.operator;

import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.configuration.ConfigOption;

/** An option whose value cannot be used. The message names the key, the value, and what to do. */
@PublicEvolving
public final class InvalidOptionException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** Creates one for an option with a value. */
  public InvalidOptionException(ConfigOption<?> option, Object value, String wanted) {
    super("Invalid %s: %s. %s".formatted(option.key(), value, wanted));
  }

  /** Creates one for an option whose value cannot even be parsed. */
  public InvalidOptionException(ConfigOption<?> option, String reason, Throwable cause) {
    super("Invalid %s: %s".formatted(option.key(), reason), cause);
  }
}
