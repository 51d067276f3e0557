package dev.crossencoder.job.kafka.topic;

import static dev.crossencoder.job.TestTopics.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.job.KafkaHeader;
import dev.crossencoder.job.KafkaRecord;
import dev.crossencoder.operator.Failure;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DeadLettersTest {
  private static final int MAX = 2_000;
  private static final byte[] SMALL = bytes("small");
  private static final byte[] LARGE = bytes("x".repeat(3 * MAX));
  private static final Failure FAILURE = new Failure("a_code", "A sentence.");

  @Test
  void allOfARecordIsKeptThatFits() {
    KafkaRecord letter = letter(SMALL, SMALL, SMALL);

    assertThat(kept(letter)).containsExactly("key", "trace", "value");
    assertThat(why(letter))
        .isEqualTo(
            Map.of(
                "cross-encoder.reason", "a_code",
                "cross-encoder.message", "A sentence.",
                "cross-encoder.topic", "pairs",
                "cross-encoder.partition", "3",
                "cross-encoder.offset", "7",
                "cross-encoder.timestamp", "77"));
    assertThat(letter.timestamp()).isNegative();
  }

  @Test
  void onlyWhatIsTooLargeIsLeftOut() {
    assertKept(letter(SMALL, SMALL, LARGE), "value", "key", "trace");
    assertKept(letter(SMALL, LARGE, SMALL), "headers", "key", "value");
    assertKept(letter(LARGE, SMALL, SMALL), "key", "trace", "value");
    assertKept(letter(SMALL, LARGE, LARGE), "headers, value", "key");
    assertKept(letter(LARGE, LARGE, SMALL), "key, headers", "value");
    assertKept(letter(LARGE, LARGE, LARGE), "key, headers, value");
  }

  @Test
  void theKeyIsWorthMoreThanHeadersAndThoseMoreThanTheValue() {
    byte[] half = bytes("x".repeat(MAX / 3));

    assertKept(letter(half, half, half), "value", "key", "trace");
    assertKept(letter(half, LARGE, half), "headers", "key", "value");
  }

  @Test
  void nullsAreNotLeftOutButNull() {
    KafkaRecord letter = letter(null, LARGE, null);

    assertThat(why(letter)).containsEntry("cross-encoder.omitted", "headers");
    assertThat(letter.key()).isNull();
    assertThat(letter.value()).isNull();
  }

  @Test
  void aMessageThatIsTooLongIsCutBetweenCharacters() {
    Failure failure = new Failure("a_code", "\u20ac".repeat(MAX));
    for (int max = DeadLetters.MIN_BYTES; max < DeadLetters.MIN_BYTES + 3; max++) {
      KafkaRecord letter = DeadLetters.of(record(SMALL, LARGE, LARGE), failure, max);

      assertThat(RecordSize.of(letter)).isBetween(max - 10, max);
      assertThat(why(letter).get("cross-encoder.message")).matches("\u20ac+");
    }
  }

  @Test
  void theSmallestLimitHoldsTheLongestPosition() {
    KafkaRecord record =
        new KafkaRecord(
            "t".repeat(249),
            Integer.MAX_VALUE,
            Long.MAX_VALUE,
            Long.MAX_VALUE,
            LARGE,
            LARGE,
            List.of(new KafkaHeader("trace", LARGE)));
    Failure failure = new Failure("device_out_of_memory", "x".repeat(5_000));

    KafkaRecord letter = DeadLetters.of(record, failure, DeadLetters.MIN_BYTES);

    assertThat(RecordSize.of(letter)).isLessThanOrEqualTo(DeadLetters.MIN_BYTES);
  }

  private static void assertKept(KafkaRecord letter, String omitted, String... kept) {
    assertThat(RecordSize.of(letter)).isLessThanOrEqualTo(MAX);
    assertThat(kept(letter)).containsExactly(kept);
    assertThat(why(letter)).containsEntry("cross-encoder.omitted", omitted).hasSize(7);
  }

  private static KafkaRecord letter(byte[] key, byte[] header, byte[] value) {
    return DeadLetters.of(record(key, header, value), FAILURE, MAX);
  }

  private static KafkaRecord record(byte[] key, byte[] header, byte[] value) {
    return new KafkaRecord(
        "pairs", 3, 7, 77, key, value, List.of(new KafkaHeader("trace", header)));
  }

  /** What of key, header and value a letter has. */
  private static List<String> kept(KafkaRecord letter) {
    return Stream.of(
            letter.key() == null ? "" : "key",
            letter.headers().stream().anyMatch(header -> header.key().equals("trace"))
                ? "trace"
                : "",
            letter.value() == null ? "" : "value")
        .filter(part -> !part.isEmpty())
        .toList();
  }

  private static Map<String, String> why(KafkaRecord letter) {
    return letter.headers().stream()
        .filter(header -> header.key().startsWith("cross-encoder."))
        .collect(
            Collectors.toMap(
                KafkaHeader::key, header -> new String(header.value(), StandardCharsets.UTF_8)));
  }
}
