package dev.crossencoder.job.kafka.source;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.flink.connector.base.source.reader.RecordsWithSplitIds;
import org.apache.flink.connector.base.source.reader.splitreader.SplitReader;
import org.apache.flink.connector.base.source.reader.synchronization.FutureCompletingBlockingQueue;
import org.apache.flink.connector.kafka.source.reader.fetcher.KafkaSourceFetcherManager;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetCommitCallback;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores the consumer group's offsets of complete checkpoints, and commits the last ones when a
 * reader is closed. The connector commits without waiting for an answer, up to ten seconds late if
 * no records arrive, and drops commits that its fetcher has not passed to the consumer by then.
 *
 * <p>Owned by the task thread; answers arrive on the fetcher's thread.
 */
final class OffsetCommits {
  private static final Logger LOG = LoggerFactory.getLogger(OffsetCommits.class);

  private final Properties kafka;
  private final String group;
  private final Map<TopicPartition, OffsetAndMetadata> last = new HashMap<>();
  private final Map<TopicPartition, OffsetAndMetadata> confirmed = new ConcurrentHashMap<>();

  OffsetCommits(Properties kafka, String group) {
    this.kafka = kafka;
    this.group = group;
  }

  /** Creates the connector's manager of fetchers, whose commits are stored here. */
  KafkaSourceFetcherManager fetchers(
      FutureCompletingBlockingQueue<RecordsWithSplitIds<ConsumerRecord<byte[], byte[]>>> queue,
      Supplier<SplitReader<ConsumerRecord<byte[], byte[]>, KafkaPartitionSplit>> readers) {
    Consumer<Collection<String>> onFinished = splits -> {};
    return new KafkaSourceFetcherManager(queue, readers, onFinished) {
      @Override
      public void commitOffsets(
          Map<TopicPartition, OffsetAndMetadata> offsets, OffsetCommitCallback callback) {
        last.putAll(offsets);
        super.commitOffsets(
            offsets,
            (committed, failure) -> {
              if (failure == null) {
                confirmed.putAll(committed);
              }
              callback.onComplete(committed, failure);
            });
      }
    };
  }

  /**
   * Commits the offsets of the last complete checkpoint, if the brokers have not confirmed them
   * yet, and waits for the answer.
   *
   * @param patience the longest time to wait
   */
  void commitLast(Duration patience) throws InterruptedException {
    Map<TopicPartition, OffsetAndMetadata> missing = new HashMap<>(last);
    missing.entrySet().removeAll(confirmed.entrySet());
    if (missing.isEmpty()) {
      return;
    }
    Admin admin = Admin.create(kafka);
    try {
      admin
          .alterConsumerGroupOffsets(group, missing)
          .all()
          .get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      LOG.warn(
          "Cannot commit the last offsets of consumer group {}: {}. A run that starts from them may score some records again.",
          group,
          String.valueOf(e.getCause() == null ? e : e.getCause()));
    } finally {
      // Else it waits for what was given up.
      admin.close(Duration.ZERO);
    }
  }
}
