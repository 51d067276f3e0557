package dev.crossencoder.job.record;

import java.util.Locale;
import org.apache.flink.annotation.PublicEvolving;

/**
 * The bytes before the JSON in a record's value: the values of the option {@code input.framing}.
 */
@PublicEvolving
public enum InputFraming {
  /** No bytes: the JSON begins with the first byte. */
  NONE(0),
  /** A zero byte and a schema id of four bytes. */
  CONFLUENT(5),
  /** A zero byte and a schema id of eight bytes. */
  APICURIO(9);

  /** The key of the option, for messages. */
  public static final String KEY = "input.framing";

  private final int bytes;

  InputFraming(int bytes) {
    this.bytes = bytes;
  }

  /** The number of bytes before the JSON. */
  public int bytes() {
    return bytes;
  }

  /** The value in configurations. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
