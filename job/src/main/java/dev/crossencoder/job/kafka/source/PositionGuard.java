package dev.crossencoder.job.kafka.source;

import dev.crossencoder.job.options.JobOptions;
import dev.crossencoder.job.options.JobOptions.OutOfRange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the positions at which a reader will read with the content of the topic, so that no
 * record is skipped or read again silently:
 *
 * <ul>
 *   <li>The position is before the topic's beginning: Kafka has deleted records that were not read.
 *       With {@link OutOfRange#FAIL} the job fails and does not restart. With {@link
 *       OutOfRange#EARLIEST} it continues at the beginning, logs an error, and counts the offsets
 *       between.
 *   <li>The position is beyond the topic's end, or its partition does not exist: the topic was
 *       recreated or has lost records. The job fails and does not restart.
 * </ul>
 *
 * <p>Offsets without a record are normal (compaction, ends of transactions); only the beginning of
 * a partition shows what was deleted. A recreated topic that has the position in its range cannot
 * be recognized by offsets.
 *
 * <p>Called by the fetcher thread, except {@link #current}, which the task thread calls.
 */
final class PositionGuard {
  private static final Logger LOG = LoggerFactory.getLogger(PositionGuard.class);

  private final Properties kafka;
  private final String group;
  private final OutOfRange outOfRange;
  private final Counter skipped;

  /**
   * The positions at which reading continues instead of the positions in the state, by partition.
   */
  private final Map<TopicPartition, Move> moves = new ConcurrentHashMap<>();

  private record Move(long from, long to) {}

  /** The offsets of a partition: the first existing one, and the one after the last. */
  private record Range(long beginning, long end) {}

  /**
   * Creates a guard.
   *
   * @param kafka the options for a client of the brokers
   * @param group the group whose offsets a split of an older release may refer to
   * @param skipped counts skipped offsets
   */
  PositionGuard(Properties kafka, String group, OutOfRange outOfRange, Counter skipped) {
    this.kafka = kafka;
    this.group = group;
    this.outOfRange = outOfRange;
    this.skipped = skipped;
  }

  /**
   * Returns the splits with positions that are in the topic.
   *
   * @throws SuppressRestartsException if the job must not continue at a position
   * @throws UncheckedIOException if the brokers do not answer
   */
  List<KafkaPartitionSplit> check(Collection<KafkaPartitionSplit> splits) {
    if (splits.isEmpty()) {
      return List.of();
    }
    try (Admin admin = Admin.create(kafka)) {
      Map<TopicPartition, Range> ranges = ranges(admin, splits);
      List<KafkaPartitionSplit> checked = new ArrayList<>();
      for (KafkaPartitionSplit split : splits) {
        TopicPartition partition = split.getTopicPartition();
        long position = start(admin, split, ranges.get(partition));
        if (position != split.getStartingOffset()) {
          moves.put(partition, new Move(split.getStartingOffset(), position));
        }
        checked.add(
            new KafkaPartitionSplit(
                partition,
                position,
                split.getStoppingOffset().orElse(KafkaPartitionSplit.NO_STOPPING_OFFSET)));
      }
      return checked;
    } catch (ExecutionException e) {
      throw new UncheckedIOException(
          new IOException(
              "Cannot compare the positions %s with the content of the topic, the brokers did not answer: %s"
                  .formatted(splits, e.getCause()),
              e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(
          new IOException("Interrupted while reading the offsets of the input topic", e));
    }
  }

  /**
   * Returns the exception for records that were read and that Kafka has lost since: the log was
   * truncated at its end.
   */
  SuppressRestartsException truncated(Map<TopicPartition, Long> positions) {
    Map.Entry<TopicPartition, Long> first = positions.entrySet().iterator().next();
    return beyond(
        first.getKey(), first.getValue(), "The brokers have truncated it below that offset.");
  }

  /**
   * Returns the split to store in the state: with the guard's new position, if nothing was read
   * since it was moved.
   */
  KafkaPartitionSplit current(KafkaPartitionSplit split) {
    Move move = moves.get(split.getTopicPartition());
    if (move == null || move.from() != split.getStartingOffset()) {
      return split;
    }
    return new KafkaPartitionSplit(
        split.getTopicPartition(),
        move.to(),
        split.getStoppingOffset().orElse(KafkaPartitionSplit.NO_STOPPING_OFFSET));
  }

  private long start(Admin admin, KafkaPartitionSplit split, Range range)
      throws ExecutionException, InterruptedException {
    TopicPartition partition = split.getTopicPartition();
    long position =
        split.getStartingOffset() == KafkaPartitionSplit.COMMITTED_OFFSET
            ? committed(admin, partition).orElse(KafkaPartitionSplit.EARLIEST_OFFSET)
            : split.getStartingOffset();
    if (range == null) {
      throw beyond(partition, position, "The topic has no such partition.");
    }
    if (position == KafkaPartitionSplit.EARLIEST_OFFSET) {
      return range.beginning();
    }
    if (position < 0) {
      return range.end();
    }
    if (position > range.end()) {
      throw beyond(
          partition,
          position,
          "It has the offsets from %d to %d.".formatted(range.beginning(), range.end()));
    }
    if (position < range.beginning()) {
      return goOn(partition, position, range);
    }
    return position;
  }

  private long goOn(TopicPartition partition, long position, Range range) {
    long offsets = range.beginning() - position;
    String option = JobOptions.INPUT_OUT_OF_RANGE.key();
    if (outOfRange == OutOfRange.FAIL) {
      throw failure(
          "Cannot continue at offset %d of partition %s, Kafka has deleted records there: it has the offsets from %d to %d, so up to %d records were not read and are lost. To continue at offset %d without them, set %s earliest. To keep records until they are read, raise the topic's retention.ms or retention.bytes."
              .formatted(
                  position,
                  partition,
                  range.beginning(),
                  range.end(),
                  offsets,
                  range.beginning(),
                  JobOptions.flag(JobOptions.INPUT_OUT_OF_RANGE)));
    }
    skipped.inc(offsets);
    LOG.error(
        "Continuing at offset {} of partition {} instead of {}: Kafka has deleted up to {} records"
            + " that were not read. The option {} allows this",
        range.beginning(),
        partition,
        position,
        offsets,
        option);
    return range.beginning();
  }

  private static SuppressRestartsException beyond(
      TopicPartition partition, long position, String why) {
    return failure(
        "Cannot continue at offset %d of partition %s, which is beyond its end. %s The topic was recreated, or its brokers have lost records; to continue at another offset would skip records or score them again. Start without the checkpoint or savepoint, with %s and a value other than committed."
            .formatted(position, partition, why, JobOptions.flag(JobOptions.FROM)));
  }

  private static SuppressRestartsException failure(String message) {
    return new SuppressRestartsException(new PositionOutOfRangeException(message));
  }

  private Optional<Long> committed(Admin admin, TopicPartition partition)
      throws ExecutionException, InterruptedException {
    OffsetAndMetadata committed =
        admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().get(partition);
    return Optional.ofNullable(committed).map(OffsetAndMetadata::offset);
  }

  /** Returns the ranges of the partitions that exist. */
  private static Map<TopicPartition, Range> ranges(
      Admin admin, Collection<KafkaPartitionSplit> splits)
      throws ExecutionException, InterruptedException {
    List<String> topics = splits.stream().map(KafkaPartitionSplit::getTopic).distinct().toList();
    Map<String, Integer> partitions = new HashMap<>();
    admin
        .describeTopics(topics)
        .allTopicNames()
        .get()
        .forEach((topic, found) -> partitions.put(topic, found.partitions().size()));
    Map<TopicPartition, OffsetSpec> beginnings = new HashMap<>();
    Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
    for (KafkaPartitionSplit split : splits) {
      if (split.getPartition() < partitions.get(split.getTopic())) {
        beginnings.put(split.getTopicPartition(), OffsetSpec.earliest());
        ends.put(split.getTopicPartition(), OffsetSpec.latest());
      }
    }
    Map<TopicPartition, ListOffsetsResultInfo> first = admin.listOffsets(beginnings).all().get();
    Map<TopicPartition, ListOffsetsResultInfo> last = admin.listOffsets(ends).all().get();
    Map<TopicPartition, Range> ranges = new HashMap<>();
    first.forEach(
        (partition, info) ->
            ranges.put(partition, new Range(info.offset(), last.get(partition).offset())));
    return ranges;
  }

  /** A position at which the job cannot continue without losing or repeating records. */
  private static final class PositionOutOfRangeException extends IOException {
    private static final long serialVersionUID = 1L;

    PositionOutOfRangeException(String message) {
      super(message);
    }
  }
}
