package dev.crossencoder.job.options;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.operator.InvalidOptionException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.configuration.ConfigOption;

/**
 * The first record of a time or later, in each partition.
 *
 * @param time not before 1970, because Kafka's timestamps are not negative
 */
@PublicEvolving
public record TimePosition(Instant time) implements StartingPosition, StoppingPosition {
  private static final long serialVersionUID = 1L;

  public TimePosition {
    requireNonNull(time, "time is null");
    if (time.toEpochMilli() < 0) {
      throw new DateTimeException("before 1970, which Kafka does not accept");
    }
  }

  /**
   * Reads a time.
   *
   * @param names the other allowed values of the option, for the message
   * @throws InvalidOptionException if the value is not a time
   */
  static TimePosition parse(ConfigOption<String> option, String value, Enum<?>[] names) {
    try {
      return new TimePosition(Instant.parse(value));
    } catch (DateTimeException | ArithmeticException e) {
      throw new InvalidOptionException(
          option,
          value
              + ". It must be one of %s, or a time since 1970 such as 2026-01-31T00:00:00Z."
                  .formatted(
                      Arrays.stream(names)
                          .map(Enum::toString)
                          .sorted()
                          .collect(Collectors.joining(", "))),
          e);
    }
  }

  /** Milliseconds since the epoch, as in Kafka's timestamps. */
  public long epochMillis() {
    return time.toEpochMilli();
  }

  /** The value in configurations. */
  @Override
  public String toString() {
    return time.toString();
  }
}
