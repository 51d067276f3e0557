package dev.crossencoder.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.crossencoder.kafka.EmbeddedKafka;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.flink.connector.kafka.sink.internal.FlinkKafkaInternalProducer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.coordinator.transaction.generated.TransactionLogKey;
import org.apache.kafka.coordinator.transaction.generated.TransactionLogValue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Why each checkpoint has transactional ids of its own (the connector's strategy INCREMENTING, not
 * POOLING), and what they cost. The system property {@code transactional-ids} says how many ids are
 * measured.
 */
@Timeout(600)
class TransactionalIdsITCase {
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final int IDS = Integer.getInteger("transactional-ids", 20_000);

  /** How the coordinator's log calls the state. */
  private static final byte EMPTY = 0;

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
      try (FlinkKafkaInternalProducer<byte[], byte[]> expiring = producer(kafka, "lost", 100)) {
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

  /** Compares the heap of a broker that has loaded ids from its log with that of one without. */
  @Test
  void anIdTakesLessThanAKilobyteOfTheBrokersHeap(@TempDir Path folder) throws Exception {
    try (EmbeddedKafka broker = EmbeddedKafka.start(folder)) {
      // Kafka creates the topic of transactions for the first.
      producer(broker, "first", 60_000).close();
    }
    long before;
    try (EmbeddedKafka broker = EmbeddedKafka.start(folder)) {
      awaitIds(broker, 1);
      before = usedHeap();
      writeIds(broker);
    }
    try (EmbeddedKafka broker = EmbeddedKafka.start(folder)) {
      awaitIds(broker, IDS + 1);

      long each = (usedHeap() - before) / IDS;

      System.out.printf("%,d transactional ids take %d bytes each%n", IDS, each);
      assertThat(each).isBetween(100L, 1_000L);
    }
  }

  /** Writes what the coordinator does for a producer that is initialised and sends nothing. */
  private static void writeIds(EmbeddedKafka broker) throws Exception {
    Map<String, Object> properties =
        Map.of("bootstrap.servers", broker.bootstrapServers(), "client.id", "__admin_client");
    try (Producer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      int partitions = producer.partitionsFor("__transaction_state").size();
      List<Future<?>> sent = new ArrayList<>();
      for (int number = 0; number < IDS; number++) {
        String id = "cross-encoder-results-%d-%d".formatted(number % 16, number);
        TransactionLogKey key = new TransactionLogKey().setTransactionalId(id);
        TransactionLogValue value =
            new TransactionLogValue()
                .setProducerId(1_000_000L + number)
                .setProducerEpoch((short) 0)
                .setTransactionTimeoutMs(610_000)
                .setTransactionStatus(EMPTY)
                .setTransactionPartitions(null)
                .setTransactionLastUpdateTimestampMs(System.currentTimeMillis())
                .setTransactionStartTimestampMs(-1);
        sent.add(
            producer.send(
                new ProducerRecord<>(
                    "__transaction_state",
                    Utils.abs(id.hashCode()) % partitions,
                    MessageUtil.toVersionPrefixedBytes((short) 0, key),
                    MessageUtil.toVersionPrefixedBytes((short) 0, value))));
      }
      for (Future<?> written : sent) {
        written.get(30, TimeUnit.SECONDS);
      }
    }
  }

  private static void awaitIds(EmbeddedKafka broker, int count) {
    try (Admin client = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
      await()
          .atMost(DEADLINE)
          .ignoreExceptions()
          .until(() -> client.listTransactions().all().get().size() >= count);
    }
  }

  private static long usedHeap() {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    memory.gc();
    memory.gc();
    return memory.getHeapMemoryUsage().getUsed();
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
    return producer(kafka, id, 60_000);
  }

  private static FlinkKafkaInternalProducer<byte[], byte[]> producer(
      EmbeddedKafka broker, String id, int timeoutMillis) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", broker.bootstrapServers());
    properties.put("key.serializer", ByteArraySerializer.class.getName());
    properties.put("value.serializer", ByteArraySerializer.class.getName());
    properties.put("transaction.timeout.ms", timeoutMillis);
    FlinkKafkaInternalProducer<byte[], byte[]> producer =
        new FlinkKafkaInternalProducer<>(properties, id);
    producer.initTransactions();
    return producer;
  }
}
