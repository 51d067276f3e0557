package dev.crossencoder.job.kafka.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.crossencoder.job.TestTopics;
import dev.crossencoder.kafka.EmbeddedKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.flink.connector.kafka.sink.internal.FlinkKafkaInternalProducer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Why each checkpoint has transactional ids of its own: the connector's strategy INCREMENTING, not
 * POOLING.
 */
@Timeout(120)
class TransactionalIdsITCase {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  @TempDir static Path folder;
  private static EmbeddedKafka kafka;
  private static Admin admin;

  @BeforeAll
  static void start() {
    kafka =
        EmbeddedKafka.start(
            folder, Map.of("transaction.abort.timed.out.transaction.cleanup.interval.ms", "100"));
    admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
  }

  @AfterAll
  static void stop() {
    admin.close();
    kafka.close();
  }

  /**
   * With POOLING the sink takes the id of a committed transaction again at the next snapshot. After
   * a kill before that checkpoint is complete, the transaction is in the restored state and its
   * commit is repeated. What the brokers then say of the id is what they say of a transaction that
   * was lost, and whose id another job with the same prefix has taken.
   */
  @Test
  void ofAnIdThatIsUsedAgainNobodyKnowsWhetherItsTransactionWasLost() throws Exception {
    new TestTopics(kafka.bootstrapServers()).create("reused", 1, Map.of());
    KafkaCommittable committed;
    try (FlinkKafkaInternalProducer<byte[], byte[]> producer = producer("committed")) {
      committed = write(producer);
      producer.commitTransaction();
    }
    try (FlinkKafkaInternalProducer<byte[], byte[]> again = producer("committed")) {
      write(again);
      KafkaCommittable lost;
      try (FlinkKafkaInternalProducer<byte[], byte[]> expiring = producer("lost", 100)) {
        lost = write(expiring);
        await()
            .atMost(DEADLINE)
            .until(() -> describe("lost").state() == TransactionState.COMPLETE_ABORT);
      }
      try (FlinkKafkaInternalProducer<byte[], byte[]> other = producer("lost")) {
        write(other);

        TransactionDescription ofCommitted = describe("committed");
        TransactionDescription ofLost = describe("lost");

        assertThat(ofCommitted.state()).isEqualTo(ofLost.state());
        assertThat(ofCommitted.producerEpoch() - committed.getEpoch())
            .isEqualTo(ofLost.producerEpoch() - lost.getEpoch());
        assertThat(ofCommitted.producerId() == committed.getProducerId())
            .isEqualTo(ofLost.producerId() == lost.getProducerId());
        assertThat(TransactionOutcome.of(committed, ofCommitted))
            .isEqualTo(TransactionOutcome.of(lost, ofLost))
            .isEqualTo(TransactionOutcome.UNKNOWN);
      }
    }
  }

  private static TransactionDescription describe(String id) throws Exception {
    return admin.describeTransactions(List.of(id)).description(id).get();
  }

  private static KafkaCommittable write(FlinkKafkaInternalProducer<byte[], byte[]> producer)
      throws Exception {
    producer.beginTransaction();
    producer.send(TestTopics.record("reused", "key", new byte[1])).get(30, TimeUnit.SECONDS);
    return KafkaCommittable.of(producer);
  }

  private static FlinkKafkaInternalProducer<byte[], byte[]> producer(String id) {
    return producer(id, 60_000);
  }

  private static FlinkKafkaInternalProducer<byte[], byte[]> producer(String id, int timeoutMillis) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", kafka.bootstrapServers());
    properties.put("key.serializer", ByteArraySerializer.class.getName());
    properties.put("value.serializer", ByteArraySerializer.class.getName());
    properties.put("transaction.timeout.ms", timeoutMillis);
    FlinkKafkaInternalProducer<byte[], byte[]> producer =
        new FlinkKafkaInternalProducer<>(properties, id);
    producer.initTransactions();
    return producer;
  }
}
