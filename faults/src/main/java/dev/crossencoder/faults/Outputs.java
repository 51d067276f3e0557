package dev.crossencoder.faults;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * What a reader of committed records sees of a run's outputs.
 *
 * @param results the output topic
 * @param deadLetters the dead-letter topic
 */
record Outputs(String bootstrapServers, String results, String deadLetters) {
  private static final Duration POLL = Duration.ofMillis(200);

  /** Once all is there, what comes late would be a duplicate: it gets some checkpoints to come. */
  private static final Duration AFTERMATH = Duration.ofSeconds(4);

  /**
   * Reads everything into a ledger, until every record has an output and for a moment longer, or
   * until nothing came for some time.
   */
  void readInto(Ledger ledger, Duration patience) {
    Map<String, Object> properties =
        Map.of("bootstrap.servers", bootstrapServers, "isolation.level", "read_committed");
    try (Consumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          Stream.of(results, deadLetters)
              .flatMap(topic -> consumer.partitionsFor(topic).stream())
              .map(found -> new TopicPartition(found.topic(), found.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long quietSince = System.nanoTime();
      boolean complete = false;
      while (System.nanoTime() - quietSince < (complete ? AFTERMATH : patience).toNanos()) {
        var records = consumer.poll(POLL);
        records.records(results).forEach(ledger::result);
        records.records(deadLetters).forEach(ledger::deadLetter);
        if (!records.isEmpty() || ledger.isComplete() != complete) {
          quietSince = System.nanoTime();
        }
        complete = ledger.isComplete();
      }
    }
  }

  /**
   * Where committed records end, summed over all partitions: it grows with every output, and with
   * markers of transactions.
   */
  long committedEnd(Admin admin) throws InterruptedException {
    try {
      Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
      admin
          .describeTopics(List.of(results, deadLetters))
          .allTopicNames()
          .get()
          .forEach(
              (topic, description) ->
                  description
                      .partitions()
                      .forEach(
                          partition ->
                              ends.put(
                                  new TopicPartition(topic, partition.partition()),
                                  OffsetSpec.latest())));
      ListOffsetsOptions committed = new ListOffsetsOptions(IsolationLevel.READ_COMMITTED);
      return admin.listOffsets(ends, committed).all().get().values().stream()
          .mapToLong(ListOffsetsResultInfo::offset)
          .sum();
    } catch (ExecutionException e) {
      throw new IllegalStateException("Cannot look up where the outputs end", e.getCause());
    }
  }
}
