package dev.crossencoder.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * Compares outputs with what was sent. Owned by one thread.
 *
 * <p>Outputs of a partition must be noted in the order of their offsets.
 */
final class Ledger {
  private static final int MAX_EXAMPLES = 10;
  private static final double SCORE_TOLERANCE = 1e-4;
  private static final String MEMBER = ",\"cross_encoder\":";
  private static final String REASON_HEADER = "cross-encoder.reason";
  private static final JsonMapper MAPPER = new JsonMapper();

  private final Traffic traffic;
  private final int[] outputs;
  private final Map<String, Integer> lastOfPartition = new HashMap<>();
  private final Map<Integer, Double> scoreOfPair = new HashMap<>();
  private final List<String> examples = new ArrayList<>();
  private int results;
  private int deadLetters;
  private int seen;
  private int duplicated;
  private int outOfOrder;
  private int altered;

  Ledger(Traffic traffic, int inputs) {
    this.traffic = traffic;
    this.outputs = new int[inputs];
  }

  /** Notes a record of the output topic. */
  void result(ConsumerRecord<byte[], byte[]> record) {
    results++;
    note(record, true);
  }

  /** Notes a record of the dead-letter topic. */
  void deadLetter(ConsumerRecord<byte[], byte[]> record) {
    deadLetters++;
    note(record, false);
  }

  /** Whether every record has an output. */
  boolean isComplete() {
    return seen == outputs.length;
  }

  Verdict verdict() {
    for (int i = 0; i < outputs.length; i++) {
      if (outputs[i] == 0) {
        example("record %d has no output", i);
      }
    }
    return new Verdict(
        outputs.length,
        results,
        deadLetters,
        outputs.length - seen,
        duplicated,
        outOfOrder,
        altered,
        List.copyOf(examples));
  }

  private void note(ConsumerRecord<byte[], byte[]> record, boolean scored) {
    Header header = record.headers().lastHeader(Traffic.NUMBER);
    int number = header == null ? -1 : Integer.parseInt(text(header.value()));
    if (number < 0 || number >= outputs.length) {
      altered++;
      example("a record of topic %s at %d is none that was sent", record.topic(), record.offset());
      return;
    }
    if (++outputs[number] > 1) {
      duplicated++;
      example("record %d has %d outputs", number, outputs[number]);
    } else {
      seen++;
      String partition = record.topic() + "/" + record.partition();
      int last = lastOfPartition.getOrDefault(partition, -1);
      if (number < last) {
        outOfOrder++;
        example("record %d is behind %d in %s", number, last, partition);
      }
      lastOfPartition.put(partition, Math.max(last, number));
    }
    String difference = difference(traffic.record(number), record, scored);
    if (!difference.isEmpty()) {
      altered++;
      example("record %d: %s", number, difference);
    }
  }

  /** What is wrong with an output, empty if nothing is. */
  private String difference(
      SentRecord sent, ConsumerRecord<byte[], byte[]> record, boolean scored) {
    if (sent.wellFormed() != scored) {
      return "it is on the wrong topic, " + record.topic();
    }
    if (record.partition() != sent.partition()) {
      return "it went from partition %d to %d".formatted(sent.partition(), record.partition());
    }
    if (record.timestamp() != sent.timestamp()) {
      return "its timestamp is %d instead of %d".formatted(record.timestamp(), sent.timestamp());
    }
    if (!Arrays.equals(record.key(), sent.key())) {
      return "its key differs";
    }
    if (scored) {
      return differenceOfResult(sent, text(record.value()));
    }
    if (record.headers().lastHeader(REASON_HEADER) == null) {
      return "it has no header " + REASON_HEADER;
    }
    return Arrays.equals(record.value(), sent.value()) ? "" : "its value differs";
  }

  private String differenceOfResult(SentRecord sent, String value) {
    String original = text(sent.value());
    String expectedStart = original.substring(0, original.length() - 1) + MEMBER;
    if (!value.startsWith(expectedStart) || !value.endsWith("}}")) {
      return "its value is " + value;
    }
    JsonNode score;
    try {
      score =
          MAPPER
              .readTree(value.substring(expectedStart.length(), value.length() - 1))
              .path("score");
    } catch (IOException e) {
      return "its score is no JSON, " + e.getMessage();
    }
    if (!score.isNumber()) {
      return "it has no score";
    }
    double first = scoreOfPair.computeIfAbsent(sent.pair(), pair -> score.doubleValue());
    return Math.abs(first - score.doubleValue()) <= SCORE_TOLERANCE
        ? ""
        : "its score is %s, another of the same texts had %s".formatted(score, first);
  }

  private void example(String format, Object... arguments) {
    if (examples.size() < MAX_EXAMPLES) {
      examples.add(format.formatted(arguments));
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
