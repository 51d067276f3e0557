package dev.crossencoder.job.kafka.topic;

import static dev.crossencoder.job.TestTopics.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.job.KafkaRecord;
import dev.crossencoder.job.record.PairFields;
import dev.crossencoder.job.record.PairReader;
import dev.crossencoder.job.record.PairRecord;
import dev.crossencoder.operator.InvalidRecordException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** No record takes a multiple of its size that a heap of usual size does not have. */
@Tag("full")
@Timeout(120)
class RecordMemoryTest {
  private static final int BYTES = 8 << 20;

  /** The record, twelve times. */
  private static final String HEAP = "-Xmx96m";

  private static final int SCORE_BYTES = 400;
  private static final String PAIR = "\"query\":\"q\",\"passage\":\"p\"";

  @TempDir Path folder;

  /** What a record of 8 MiB is full of, and what becomes of it. */
  private enum Content {
    OPEN_ARRAYS("{\"a\":", "[", "", "too_deep"),
    OPEN_OBJECTS("", "{\"\":", "", "too_deep"),
    ARRAYS("{\"a\":" + "[".repeat(900), "0,", "0" + "]".repeat(900) + "," + PAIR + "}", "spliced"),
    ELEMENTS("{\"a\":[", "[],", "[]]," + PAIR + "}", "spliced"),
    DUPLICATE_NAMES("{", "\"a\":0,", PAIR + "}", "spliced"),
    DUPLICATE_TEXTS("{", "\"query\":\"0\",", PAIR + "}", "spliced"),
    DUPLICATE_RESULTS("{", "\"cross_encoder\":0,", PAIR + "}", "oversized"),
    LONG_NAME("{\"", "n", "\":0," + PAIR + "}", "spliced"),
    LONG_NAME_OF_ESCAPES("{\"", "\\u0041", "\":0," + PAIR + "}", "spliced"),
    LONG_NUMBER("{\"a\":1", "9", "," + PAIR + "}", "spliced"),
    LONG_STRING("{\"a\":\"", "x", "\"," + PAIR + "}", "spliced"),
    LONG_TEXT("{\"passage\":\"p\",\"query\":\"", "x", "\"}", "spliced"),
    ESCAPES_IN_A_TEXT("{\"passage\":\"p\",\"query\":\"", "\\u20ac", "\"}", "spliced"),
    LONG_RESULT("{" + PAIR + ",\"cross_encoder\":1", "9", "}", "spliced"),
    LONG_TEXT_AS_RESULT("{" + PAIR + ",\"cross_encoder\":\"", "\\n", "\"}", "spliced"),
    SPACES("{" + PAIR, " ", "}", "spliced"),
    UNFINISHED_STRING("{\"a\":\"", "x", "", "malformed_json"),
    UNKNOWN_TOKEN("{\"a\":", "x", "", "malformed_json");

    private final String start;
    private final String filling;
    private final String end;
    private final String outcome;

    Content(String start, String filling, String end, String outcome) {
      this.start = start;
      this.filling = filling;
      this.end = end;
      this.outcome = outcome;
    }

    byte[] value() {
      int repeats = (BYTES - start.length() - end.length()) / filling.length();
      byte[] value = new byte[start.length() + repeats * filling.length() + end.length()];
      byte[] unit = bytes(filling);
      System.arraycopy(bytes(start), 0, value, 0, start.length());
      for (int i = 0; i < repeats; i++) {
        System.arraycopy(unit, 0, value, start.length() + i * unit.length, unit.length);
      }
      System.arraycopy(bytes(end), 0, value, value.length - end.length(), end.length());
      return value;
    }
  }

  @ParameterizedTest
  @EnumSource
  void aSmallHeapHoldsWhatALargeRecordTakes(Content content) throws Exception {
    Path log = folder.resolve("log");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                HEAP,
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Reading.class.getName(),
                content.name())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(Files.readString(log)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(Files.readAllLines(log)).last().isEqualTo(content.outcome);
  }

  /** Another process that reads such a record, and splices a result if that is not too large. */
  static final class Reading {
    public static void main(String[] args) {
      byte[] value = Content.valueOf(args[0]).value();
      byte[] name = bytes("\"cross_encoder\"");
      byte[] score = new byte[SCORE_BYTES];
      Arrays.fill(score, (byte) ' ');
      System.out.println(outcome(value, name, score));
    }

    private static String outcome(byte[] value, byte[] name, byte[] score) {
      RecordRules rules =
          new RecordRules("scored", TopicSettings.UNKNOWN, new SizeLimit(2 * BYTES, "a test"));
      try {
        PairRecord read = new PairReader(PairFields.DEFAULTS, "cross_encoder", true).read(value);
        if (rules.oversized(read.place().length(value, name, score)).isPresent()) {
          return "oversized";
        }
        KafkaRecord result =
            new KafkaRecord(
                "pairs", 0, 0, 0, null, read.place().splice(value, name, score), List.of());
        return rules.refusal(result, 0).isPresent() ? "refused" : "spliced";
      } catch (InvalidRecordException e) {
        return e.failure().code();
      }
    }
  }
}
