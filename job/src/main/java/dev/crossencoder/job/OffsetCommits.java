package dev.crossencoder.job;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.flink.connector.base.source.reader.RecordsWithSplitIds;
import org.apache.flink.connector.base.source.reader.splitreader.SplitReader;
import org.apache.flink.connector.base.source.reader.synchronization.FutureCompletingBlockingQueue;
import org.apache.flink.connector.kafka.source.reader.fetcher.KafkaSourceFetcherManager;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetCommitCallback;
import org.apache.kafka.common.TopicPartition;

/**
 * Counts the commits of the consumer group's offsets on their way from the task thread to the
 * consumer. The connector drops those that its fetcher has not handed to the consumer when the
 * reader is closed; the consumer finishes the others when it is closed.
 *
 * <p>Used by the task thread and the fetcher thread.
 */
final class OffsetCommits {
  private int asked;
  private int handedOver;

  /** Creates the connector's manager of fetchers, whose commits are counted. */
  KafkaSourceFetcherManager fetchers(
      FutureCompletingBlockingQueue<RecordsWithSplitIds<ConsumerRecord<byte[], byte[]>>> queue,
      Supplier<SplitReader<ConsumerRecord<byte[], byte[]>, KafkaPartitionSplit>> readers) {
    Consumer<Collection<String>> onFinished = splits -> {};
    return new KafkaSourceFetcherManager(queue, readers, onFinished) {
      @Override
      public void commitOffsets(
          Map<TopicPartition, OffsetAndMetadata> offsets, OffsetCommitCallback callback) {
        // The connector hands none over where there is nothing to commit.
        if (!offsets.isEmpty()) {
          ask();
        }
        super.commitOffsets(offsets, callback);
      }
    };
  }

  private synchronized void ask() {
    asked++;
  }

  /** The consumer has a commit. */
  synchronized void handOver() {
    handedOver++;
    notifyAll();
  }

  /**
   * Waits until the consumer has all commits.
   *
   * @return whether it has them in time
   */
  synchronized boolean await(Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (handedOver < asked) {
      long millis = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
      if (millis <= 0) {
        return false;
      }
      wait(millis);
    }
    return true;
  }
}
