package dev.crossencoder.job;

import static dev.crossencoder.job.TestJobs.dead;
import static dev.crossencoder.job.TestJobs.scored;
import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.kafka.EmbeddedKafka;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Records as the serialisers of schema registries write them. */
@Timeout(120)
@Tag("full")
class FramedRecordITCase {
  @RegisterExtension
  static final MiniClusterExtension FLINK = new MiniClusterExtension(TestJobs.cluster());

  @TempDir static Path folder;

  @ParameterizedTest
  @CsvSource({"confluent,5", "apicurio,9"})
  void theFrameIsKeptAndWhatHasNoneIsADeadLetter(String framing, int bytes) throws Exception {
    byte[] json = TestRecords.value(1);
    // An id that is no UTF-8.
    byte[] frame = Arrays.copyOf(new byte[] {0, (byte) 0xFF, (byte) 0xC0, '"', '{'}, bytes);
    try (EmbeddedKafka kafka = EmbeddedKafka.start(folder.resolve(framing))) {
      TestJobs jobs = new TestJobs(kafka);
      TestTopics topics = jobs.topics();
      jobs.createTopics("pairs", 1);
      topics.send(
          List.of(
              TestTopics.record("pairs", "framed", concatenated(frame, json)),
              TestTopics.record("pairs", "bare", json)));

      jobs.runToEnd("pairs", Map.of("input.framing", framing));

      List<ConsumerRecord<byte[], byte[]>> results = topics.committed(scored("pairs"));
      assertThat(results).extracting(TestTopics::key).containsExactly("framed");
      byte[] result = results.get(0).value();
      byte[] kept = concatenated(frame, Arrays.copyOf(json, json.length - 1));
      assertThat(Arrays.copyOf(result, kept.length)).isEqualTo(kept);
      assertThat(
              new String(
                  Arrays.copyOfRange(result, kept.length, result.length), StandardCharsets.UTF_8))
          .startsWith(",\"cross_encoder\":{\"model\":\"demo-qa\"")
          .endsWith("}}");
      List<ConsumerRecord<byte[], byte[]>> letters = topics.committed(dead("pairs"));
      assertThat(letters).extracting(TestTopics::key).containsExactly("bare");
      assertThat(letters.get(0).value()).isEqualTo(json);
      assertThat(TestTopics.headers(letters.get(0)).get("cross-encoder.message"))
          .isEqualTo(
              "Cannot read the record's value, its JSON begins with its first byte. input.framing is %s, set it to none."
                  .formatted(framing));
    }
  }

  private static byte[] concatenated(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
