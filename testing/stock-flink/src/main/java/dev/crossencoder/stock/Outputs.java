package dev.crossencoder.stock;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.crossencoder.model.scoring.CrossEncoder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** The committed records of a job's two output topics. Used by one thread. */
final class Outputs {
  private static final double SCORE_TOLERANCE = 1e-4;
  private static final String MEMBER = "cross_encoder";
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final String outputTopic;
  private final Map<Integer, List<ConsumerRecord<byte[], byte[]>>> byNumber = new TreeMap<>();
  private final Map<String, Integer> byRevision = new TreeMap<>();
  private final Map<String, Double> expectedScores = new HashMap<>();
  private int deadLetters;
  private int others;

  Outputs(String outputTopic) {
    this.outputTopic = outputTopic;
  }

  /** The output topic and the dead-letter topic. */
  List<String> topics() {
    return List.of(outputTopic, outputTopic + "-dead-letters");
  }

  /**
   * Adds a record of one of the topics. Records of a partition must be added in the order of their
   * offsets.
   */
  void add(ConsumerRecord<byte[], byte[]> output) {
    if (output.key() == null) {
      others++;
      return;
    }
    int number = Integer.parseInt(new String(output.key(), UTF_8));
    byNumber.computeIfAbsent(number, key -> new ArrayList<>()).add(output);
  }

  /** The number of records with an output. */
  int numbers() {
    return byNumber.size();
  }

  /**
   * Returns a description of each kind of error: records without an output or with several ones, on
   * the wrong topic, altered, out of order, or with another score than the model computes here.
   *
   * @param sent the number of records that were sent, with the numbers from 0
   * @param otherSent the number of records without a key that were sent
   * @param models the models by digest; each must have scored a record
   */
  List<String> problems(int sent, int otherSent, Map<String, CrossEncoder> models) {
    List<String> problems = new ArrayList<>();
    if (others != otherSent) {
      problems.add("%d records have no key, and %d were sent".formatted(others, otherSent));
    }
    Map<String, Long> lastOffsets = new TreeMap<>();
    for (int number = 0; number < sent; number++) {
      List<ConsumerRecord<byte[], byte[]>> outputs = byNumber.getOrDefault(number, List.of());
      if (outputs.size() != 1) {
        problems.add("record %d has %d outputs".formatted(number, outputs.size()));
        continue;
      }
      ConsumerRecord<byte[], byte[]> output = outputs.get(0);
      String difference = difference(new NumberedRecord(number), output, models);
      if (!difference.isEmpty()) {
        problems.add("record %d, %s: %s".formatted(number, place(output), difference));
      }
      Long last = lastOffsets.put(output.topic() + "/" + output.partition(), output.offset());
      if (last != null && last > output.offset()) {
        problems.add("record %d, %s: it is before an earlier one".formatted(number, place(output)));
      }
    }
    byNumber.keySet().stream()
        .filter(number -> number >= sent)
        .forEach(number -> problems.add("record %d was not sent".formatted(number)));
    models.keySet().stream()
        .filter(digest -> !byRevision.containsKey(digest))
        .forEach(digest -> problems.add("the model %s has scored no record".formatted(digest)));
    return problems;
  }

  private String difference(
      NumberedRecord record,
      ConsumerRecord<byte[], byte[]> output,
      Map<String, CrossEncoder> models) {
    boolean isDeadLetter = !output.topic().equals(outputTopic);
    if (record.isMalformed() != isDeadLetter) {
      return "it is on the wrong topic";
    }
    if (isDeadLetter) {
      deadLetters++;
      return Arrays.equals(record.value(), output.value()) ? "" : "its bytes have changed";
    }
    JsonNode result;
    try {
      result = MAPPER.readTree(output.value()).path(MEMBER);
    } catch (IOException e) {
      return "it is no JSON, " + e.getMessage();
    }
    int kept = record.value().length - 1;
    if (!Arrays.equals(record.value(), 0, kept, output.value(), 0, kept)) {
      return "its bytes have changed";
    }
    String revision = result.path("revision").asText();
    byRevision.merge(revision, 1, Integer::sum);
    CrossEncoder model = models.get(revision);
    if (model == null) {
      return "it was scored by " + revision;
    }
    double expected =
        expectedScores.computeIfAbsent(
            revision + record.pair().text(), key -> (double) model.score(record.pair()).score());
    double score = result.path("score").asDouble(Double.NaN);
    return Math.abs(score - expected) <= SCORE_TOLERANCE * Math.max(1, Math.abs(expected))
        ? ""
        : "its score is %s and not %s".formatted(score, expected);
  }

  private static String place(ConsumerRecord<byte[], byte[]> output) {
    return "%s/%d at %d".formatted(output.topic(), output.partition(), output.offset());
  }

  @Override
  public String toString() {
    return "%d records have an output; results by model: %s; dead letters: %d"
        .formatted(byNumber.size(), byRevision, deadLetters);
  }
}
