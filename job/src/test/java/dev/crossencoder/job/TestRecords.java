package dev.crossencoder.job;

import static dev.crossencoder.job.TestTopics.bytes;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Records of questions with passages, each with its id as its key. */
final class TestRecords {
  private static final int MALFORMED_EVERY = 10;

  private TestRecords() {}

  static byte[] value(int id) {
    return bytes(
        "{\"id\": \"%d\", \"query\": \"What is the capital of country %d?\", \"passage\": \"Its capital has %d inhabitants.\"}"
            .formatted(id, id % 7, id * 1000));
  }

  /** Every tenth of them cannot be scored. */
  static boolean isMalformed(int id) {
    return id % MALFORMED_EVERY == 3;
  }

  /** Returns records with the ids from one number to before another, some of them malformed. */
  static List<ProducerRecord<byte[], byte[]>> mixed(String topic, int from, int until) {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int id = from; id < until; id++) {
      byte[] value = isMalformed(id) ? bytes("{\"id\": %d, \"query\"".formatted(id)) : value(id);
      records.add(TestTopics.record(topic, String.valueOf(id), value));
    }
    return records;
  }

  /** Returns records with the ids from one number to before another. */
  static List<ProducerRecord<byte[], byte[]>> good(String topic, int from, int until) {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int id = from; id < until; id++) {
      records.add(TestTopics.record(topic, String.valueOf(id), value(id)));
    }
    return records;
  }
}
