package dev.crossencoder.faults.records;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;

/** The topics that a job reads and writes, with {@link #PARTITIONS} partitions each. */
public record Topics(String input, String output, String deadLetters) {
  public static final int PARTITIONS = 4;

  /** The topics of a job that has none but its own. */
  public static Topics of(String job) {
    return new Topics(job + "-pairs", job + "-scored", job + "-scored-dead-letters");
  }

  /** The partitions of topics. */
  public static List<TopicPartition> partitions(String... topics) {
    return Stream.of(topics)
        .flatMap(
            topic ->
                IntStream.range(0, PARTITIONS)
                    .mapToObj(partition -> new TopicPartition(topic, partition)))
        .toList();
  }
}
