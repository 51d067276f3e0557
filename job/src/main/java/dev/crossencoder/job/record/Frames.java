package dev.crossencoder.job.record;

import dev.crossencoder.operator.InvalidRecordException;
import java.util.Optional;
import java.util.stream.Stream;

/** Distinguishes the frames that serializers of schema registries write before a record's JSON. */
final class Frames {
  private Frames() {}

  /**
   * Checks that a value begins with the frame that the option names.
   *
   * @throws InvalidRecordException if it does not; the message names the option
   */
  static void check(byte[] value, InputFraming framing) throws InvalidRecordException {
    Optional<InputFraming> other =
        Stream.of(InputFraming.values())
            .filter(candidate -> candidate != framing && isObjectAfter(value, candidate))
            .findFirst();
    boolean asSaid = framing == InputFraming.NONE || hasFrame(value, framing);
    if (other.isPresent() && !isObjectAfter(value, framing)) {
      throw new InvalidRecordException(
          FailureCodes.MALFORMED_JSON,
          "Cannot read the record's value, its JSON begins %s. %s is %s, set it to %s."
              .formatted(
                  other.get() == InputFraming.NONE
                      ? "with its first byte"
                      : "after " + description(other.get()),
                  InputFraming.KEY,
                  framing,
                  other.get()));
    }
    if (!asSaid) {
      throw new InvalidRecordException(
          FailureCodes.MALFORMED_JSON,
          "Cannot read the record's value, it does not begin with %s, as %s %s says."
              .formatted(description(framing), InputFraming.KEY, framing));
    }
  }

  private static String description(InputFraming framing) {
    return "a zero byte and %d bytes of a schema's id".formatted(framing.bytes() - 1);
  }

  private static boolean hasFrame(byte[] value, InputFraming framing) {
    return value.length >= framing.bytes() && value[0] == 0;
  }

  private static boolean isObjectAfter(byte[] value, InputFraming framing) {
    return value.length > framing.bytes()
        && value[framing.bytes()] == '{'
        && (framing == InputFraming.NONE || value[0] == 0);
  }
}
