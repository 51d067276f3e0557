package dev.crossencoder.stock;

import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Reads the committed outputs of the job and compares them with the records that were sent. With
 * {@code --at-least} it only waits for the first outputs.
 */
@Command(name = "verify", description = "Compares committed outputs with the records sent.")
final class VerifyCommand implements Callable<Integer> {
  private static final Duration POLL = Duration.ofMillis(200);

  @Option(names = "--bootstrap-servers", required = true)
  private String bootstrapServers;

  @Option(names = "--output-topic", required = true)
  private String outputTopic;

  @Option(
      names = "--records",
      required = true,
      description = "The number of records that were sent, with the numbers from 0.")
  private int records;

  @Option(
      names = "--at-least",
      description =
          "Ends with success as soon as this number of records has an output, without checks.")
  private Integer atLeast;

  @Option(
      names = "--model",
      description = "A model that must have scored records. No other model may have scored any.")
  private List<String> models = List.of();

  @Option(
      names = "--others",
      defaultValue = "0",
      description = "The number of records without a number that were also sent.")
  private int others;

  @Option(names = "--patience", required = true, description = "The timeout in seconds.")
  private int patience;

  @Override
  public Integer call() {
    Outputs outputs = new Outputs(outputTopic);
    boolean complete = read(outputs, atLeast == null ? records : atLeast);
    if (atLeast != null) {
      System.out.printf("%d records have an output%n", outputs.numbers());
      return complete ? 0 : 1;
    }
    Map<String, CrossEncoder> byDigest = new HashMap<>();
    List<String> problems;
    try {
      for (String model : models) {
        Bundle bundle = ModelRepository.shared().resolve(model);
        byDigest.put(bundle.digest(), CrossEncoder.open(bundle, CrossEncoderOptions.DEFAULT));
      }
      problems = outputs.problems(records, others, byDigest);
    } finally {
      byDigest.values().forEach(CrossEncoder::close);
    }
    System.out.println(outputs);
    problems.stream().limit(20).forEach(problem -> System.out.println("  " + problem));
    return problems.isEmpty() ? 0 : 1;
  }

  /**
   * Reads until the given number of records has an output and all committed outputs are read, or
   * the timeout has passed.
   */
  private boolean read(Outputs outputs, int expected) {
    try (Consumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", bootstrapServers, "isolation.level", "read_committed"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          outputs.topics().stream()
              .flatMap(topic -> consumer.partitionsFor(topic).stream())
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long deadline = System.nanoTime() + Duration.ofSeconds(patience).toNanos();
      while (System.nanoTime() < deadline) {
        for (ConsumerRecord<byte[], byte[]> output : consumer.poll(POLL)) {
          outputs.add(output);
        }
        if (outputs.numbers() >= expected && (atLeast != null || isAtEnd(consumer, partitions))) {
          return true;
        }
      }
      return false;
    }
  }

  /** Returns whether a consumer has read all committed records of the partitions. */
  static boolean isAtEnd(Consumer<byte[], byte[]> consumer, List<TopicPartition> partitions) {
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    return partitions.stream()
        .allMatch(partition -> consumer.position(partition) >= ends.get(partition));
  }
}
