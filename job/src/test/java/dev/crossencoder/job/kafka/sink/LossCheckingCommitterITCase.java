package dev.crossencoder.job.kafka.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.crossencoder.job.TestTopics;
import dev.crossencoder.job.options.JobOptions.LostTransaction;
import dev.crossencoder.kafka.EmbeddedKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.connector.sink2.Committer.CommitRequest;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.flink.connector.kafka.sink.internal.FlinkKafkaInternalProducer;
import org.apache.flink.connector.kafka.sink.internal.KafkaCommitter;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a broker answers to commits that come too late or again, and what is made of it. */
@Timeout(60)
class LossCheckingCommitterITCase {
  @TempDir static Path folder;
  private static EmbeddedKafka kafka;
  private static TestTopics topics;
  private static Admin admin;

  private final Counter lost = new SimpleCounter();

  @BeforeAll
  static void start() {
    kafka =
        EmbeddedKafka.start(
            folder, Map.of("transaction.abort.timed.out.transaction.cleanup.interval.ms", "100"));
    topics = new TestTopics(kafka.bootstrapServers());
    admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
  }

  @AfterAll
  static void stop() {
    admin.close();
    kafka.close();
  }

  @Test
  void anExpiredTransactionFailsWithoutRestarts() throws Exception {
    KafkaCommittable expired = expired("expired");

    assertThatThrownBy(() -> commit(LostTransaction.FAIL, new Request(expired)))
        .isInstanceOf(SuppressRestartsException.class)
        .hasStackTraceContaining("Cannot commit transaction expired, Kafka has aborted it")
        .hasStackTraceContaining("transaction.longest-outage (PT10M)")
        .hasStackTraceContaining("--transaction-lost continue");
    assertThat(lost.getCount()).isOne();
  }

  @Test
  void anExpiredTransactionThatIsRestoredFailsWithoutRestarts() throws Exception {
    KafkaCommittable expired = restored(expired("expired-restored"));

    assertThatThrownBy(() -> commit(LostTransaction.FAIL, new Request(expired)))
        .isInstanceOf(SuppressRestartsException.class)
        .hasStackTraceContaining(
            "Cannot commit transaction expired-restored, Kafka has aborted it");
  }

  @Test
  void theOthersAreCommittedBeforeALossFails() throws Exception {
    KafkaCommittable expired = restored(expired("first"));
    KafkaCommittable open = restored(prepared("second", Duration.ofMinutes(1)));

    assertThatThrownBy(() -> commit(LostTransaction.FAIL, new Request(expired), new Request(open)))
        .hasStackTraceContaining("transaction first");
    assertThat(topics.committed("second")).hasSize(1);
  }

  @Test
  void continueGoesOnAndCounts() throws Exception {
    KafkaCommittable expired = restored(expired("given-up"));
    Request request = new Request(expired);

    commit(LostTransaction.CONTINUE, request);

    assertThat(lost.getCount()).isOne();
    assertThat(request.outcome).isEqualTo("failed");
  }

  @Test
  void aTransactionThatKafkaDoesNotKnowMayBeLost() {
    KafkaCommittable unknown = new KafkaCommittable(4711, (short) 0, "nobody", null);

    assertThatThrownBy(() -> commit(LostTransaction.FAIL, new Request(unknown)))
        .isInstanceOf(SuppressRestartsException.class)
        .hasStackTraceContaining(
            "Cannot commit transaction nobody, Kafka no longer knows whether it was committed");
  }

  @Test
  void aTransactionWhoseIdWasUsedAgainMayBeLost() throws Exception {
    KafkaCommittable reused = restored(prepared("reused", Duration.ofMinutes(1)));
    prepared("reused", Duration.ofMinutes(1)).getProducer().orElseThrow().commitTransaction();

    assertThatThrownBy(() -> commit(LostTransaction.FAIL, new Request(reused)))
        .isInstanceOf(SuppressRestartsException.class)
        .hasStackTraceContaining("Kafka no longer knows whether it was committed");
  }

  @Test
  void aCommitThatIsRepeatedAfterARestartIsNoLoss() throws Exception {
    KafkaCommittable committed = prepared("again", Duration.ofMinutes(1));
    commit(LostTransaction.FAIL, new Request(committed));
    Request again = new Request(restored(committed));

    commit(LostTransaction.FAIL, again);

    assertThat(again.outcome).isEqualTo("already committed");
    assertThat(lost.getCount()).isZero();
    assertThat(topics.committed("again")).hasSize(1);
  }

  @Test
  void commitsThatAreRepeatedAfterTwoRestartsAreNoLoss() throws Exception {
    KafkaCommittable first = restored(prepared("again-1", Duration.ofMinutes(1)));
    KafkaCommittable second = restored(prepared("again-2", Duration.ofMinutes(1)));

    for (int restart = 0; restart < 3; restart++) {
      commit(LostTransaction.FAIL, new Request(first), new Request(second));
    }

    assertThat(lost.getCount()).isZero();
    assertThat(topics.committed("again-1")).hasSize(1);
    assertThat(topics.committed("again-2")).hasSize(1);
  }

  private void commit(LostTransaction lostTransaction, Request... requests) throws Exception {
    try (LossCheckingCommitter committer =
        new LossCheckingCommitter(
            new KafkaCommitter(
                properties(Duration.ofMinutes(1)),
                "prefix",
                0,
                0,
                false,
                FlinkKafkaInternalProducer::new),
            properties(Duration.ofMinutes(1)),
            Duration.ofMinutes(10),
            lostTransaction,
            lost)) {
      committer.commit(List.of(requests));
    }
  }

  /** Returns a transaction with one record in the topic of its name. */
  private static KafkaCommittable prepared(String id, Duration timeout) throws Exception {
    if (!admin.listTopics().names().get(30, TimeUnit.SECONDS).contains(id)) {
      topics.create(id, 1, Map.of());
    }
    FlinkKafkaInternalProducer<byte[], byte[]> producer =
        new FlinkKafkaInternalProducer<>(properties(timeout), id);
    producer.initTransactions();
    producer.beginTransaction();
    producer.send(TestTopics.record(id, "key", new byte[1]), null).get(30, TimeUnit.SECONDS);
    producer.flush();
    KafkaCommittable transaction = KafkaCommittable.of(producer);
    producer.precommitTransaction();
    return transaction;
  }

  private static KafkaCommittable expired(String id) throws Exception {
    KafkaCommittable transaction = prepared(id, Duration.ofMillis(200));
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> state(id) == TransactionState.COMPLETE_ABORT);
    return transaction;
  }

  /** The same transaction, as it comes from a checkpoint. */
  private static KafkaCommittable restored(KafkaCommittable transaction) {
    return new KafkaCommittable(
        transaction.getProducerId(),
        transaction.getEpoch(),
        transaction.getTransactionalId(),
        null);
  }

  private static TransactionState state(String id) throws ExecutionException, InterruptedException {
    return admin.describeTransactions(List.of(id)).description(id).get().state();
  }

  private static Properties properties(Duration transactionTimeout) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", kafka.bootstrapServers());
    properties.put("key.serializer", ByteArraySerializer.class.getName());
    properties.put("value.serializer", ByteArraySerializer.class.getName());
    properties.put("transaction.timeout.ms", String.valueOf(transactionTimeout.toMillis()));
    return properties;
  }

  /** Remembers how a commit ended. */
  private static final class Request implements CommitRequest<KafkaCommittable> {
    private final KafkaCommittable transaction;
    private String outcome = "committed";

    Request(KafkaCommittable transaction) {
      this.transaction = transaction;
    }

    @Override
    public KafkaCommittable getCommittable() {
      return transaction;
    }

    @Override
    public int getNumberOfRetries() {
      return 0;
    }

    @Override
    public void signalFailedWithKnownReason(Throwable t) {
      outcome = "failed";
    }

    @Override
    public void signalFailedWithUnknownReason(Throwable t) {
      throw new IllegalStateException("Unknown reason", t);
    }

    @Override
    public void retryLater() {
      outcome = "retry";
    }

    @Override
    public void updateAndRetryLater(KafkaCommittable committable) {
      outcome = "retry";
    }

    @Override
    public void signalAlreadyCommitted() {
      outcome = "already committed";
    }
  }
}
