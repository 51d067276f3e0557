package dev.crossencoder.faults.records;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;

/** The three topics of a job, with {@link #PARTITIONS} partitions each. */
public record Topics(String input, String output, String deadLetters) {
  public static final int PARTITIONS = 4;

  /** Returns topics with names derived from the name of the job. */
  public static Topics of(String job) {
    return new Topics(job + "-pairs", job + "-scored", job + "-scored-dead-letters");
  }

  /** Returns all partitions of topics. */
  public static List<TopicPartition> partitions(String... topics) {
    return Stream.of(topics)
        .flatMap(
            topic ->
                IntStream.range(0, PARTITIONS)
                    .mapToObj(partition -> new TopicPartition(topic, partition)))
        .toList();
  }
}
