package dev.crossencoder.job.kafka.source;

import dev.crossencoder.job.options.JobConfig;
import dev.crossencoder.job.options.JobOptions;
import dev.crossencoder.job.options.StoppingPosition;
import dev.crossencoder.job.options.TimePosition;
import dev.crossencoder.operator.InvalidOptionException;
import java.io.Serializable;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.flink.annotation.Internal;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/**
 * The offsets at which a run of the job stops, by partition of the input topic. They are determined
 * once, at submission. They therefore apply to partitions without state, to partitions that are
 * restored from another run, and after every restart.
 *
 * @param bounded whether the run stops
 * @param offsets by partition, the first offset that is not read; empty if the run does not stop,
 *     or if the brokers could not be asked at submission
 */
@Internal
public record StoppingOffsets(boolean bounded, Map<Integer, Long> offsets) implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The run does not stop. */
  public static final StoppingOffsets NEVER = new StoppingOffsets(false, Map.of());

  /**
   * The offsets are unknown. The connector determines them, which it can do only for partitions
   * without state.
   */
  public static final StoppingOffsets UNKNOWN = new StoppingOffsets(true, Map.of());

  public StoppingOffsets {
    offsets = Map.copyOf(offsets);
  }

  /**
   * Asks the brokers for the offsets to which {@link JobOptions#UNTIL} refers at the moment.
   *
   * @throws InvalidOptionException if the run must stop at the group's offsets and the group has
   *     none
   */
  public static StoppingOffsets find(Admin admin, JobConfig config, Duration patience)
      throws ExecutionException, TimeoutException, InterruptedException {
    String topic = config.input().topic();
    Map<TopicPartition, OffsetSpec> ends =
        await(admin.describeTopics(List.of(topic)).topicNameValues().get(topic), patience)
            .partitions()
            .stream()
            .collect(
                Collectors.toMap(
                    partition -> new TopicPartition(topic, partition.partition()),
                    partition -> OffsetSpec.latest()));
    StoppingPosition until = config.input().until();
    if (until instanceof TimePosition time) {
      return new StoppingOffsets(true, at(time, admin, ends, patience));
    }
    return switch ((StoppingPosition.Named) until) {
      case NEVER -> NEVER;
      case LATEST ->
          new StoppingOffsets(true, offsets(await(admin.listOffsets(ends).all(), patience)));
      case COMMITTED -> new StoppingOffsets(true, committed(admin, config, ends, patience));
    };
  }

  public boolean areKnown() {
    return !bounded || !offsets.isEmpty();
  }

  /** Returns the split with this run's stopping offset instead of its own. */
  KafkaPartitionSplit stop(KafkaPartitionSplit split) {
    if (!areKnown()) {
      return split;
    }
    // A partition that was added since the submission had nothing in it then.
    long stop =
        bounded
            ? offsets.getOrDefault(split.getPartition(), 0L)
            : KafkaPartitionSplit.NO_STOPPING_OFFSET;
    return new KafkaPartitionSplit(split.getTopicPartition(), split.getStartingOffset(), stop);
  }

  private static Map<Integer, Long> committed(
      Admin admin, JobConfig config, Map<TopicPartition, OffsetSpec> partitions, Duration patience)
      throws ExecutionException, TimeoutException, InterruptedException {
    String group = config.input().consumerGroup();
    Map<TopicPartition, OffsetAndMetadata> committed =
        await(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata(), patience);
    Map<Integer, Long> offsets = new HashMap<>();
    for (TopicPartition partition : partitions.keySet()) {
      OffsetAndMetadata position = committed.get(partition);
      if (position != null) {
        offsets.put(partition.partition(), position.offset());
      }
    }
    if (offsets.isEmpty()) {
      throw new InvalidOptionException(
          JobOptions.UNTIL,
          config.input().until(),
          "The consumer group %s has committed no offset of topic %s. Name another group with %s, or choose 'latest' or a time."
              .formatted(
                  group, config.input().topic(), JobOptions.flag(JobOptions.CONSUMER_GROUP)));
    }
    return offsets;
  }

  private static Map<Integer, Long> at(
      TimePosition time, Admin admin, Map<TopicPartition, OffsetSpec> ends, Duration patience)
      throws ExecutionException, TimeoutException, InterruptedException {
    // The ends first: what arrives between the two requests may be of that time or later.
    Map<Integer, Long> offsets = offsets(await(admin.listOffsets(ends).all(), patience));
    Map<TopicPartition, OffsetSpec> times = new HashMap<>(ends);
    times.replaceAll((partition, end) -> OffsetSpec.forTimestamp(time.epochMillis()));
    offsets(await(admin.listOffsets(times).all(), patience))
        .forEach(
            (partition, offset) -> {
              if (offset >= 0) {
                offsets.put(partition, offset);
              }
            });
    return offsets;
  }

  private static Map<Integer, Long> offsets(Map<TopicPartition, ListOffsetsResultInfo> found) {
    Map<Integer, Long> offsets = new HashMap<>();
    found.forEach((partition, info) -> offsets.put(partition.partition(), info.offset()));
    return offsets;
  }

  private static <T> T await(KafkaFuture<T> future, Duration patience)
      throws ExecutionException, TimeoutException, InterruptedException {
    return future.get(patience.toMillis(), TimeUnit.MILLISECONDS);
  }
}
