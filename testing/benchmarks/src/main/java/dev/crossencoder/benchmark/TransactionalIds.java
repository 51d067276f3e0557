package dev.crossencoder.benchmark;

import dev.crossencoder.kafka.EmbeddedKafka;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.coordinator.transaction.generated.TransactionLogKey;
import org.apache.kafka.coordinator.transaction.generated.TransactionLogValue;

/**
 * Measures the heap that a broker needs for each transactional id that its coordinator remembers:
 * compares a broker that has loaded ids from its log with the same broker before they were written,
 * each after full collections. The broker is alone in this JVM. The argument is the number of ids
 * (200,000 by default); the result goes to standard output.
 */
public final class TransactionalIds {
  private static final String TOPIC = "__transaction_state";
  private static final int DEFAULT_IDS = 200_000;
  private static final long PATIENCE_SECONDS = 120;

  /** The code of the state Empty in the coordinator's log. */
  private static final byte EMPTY = 0;

  private TransactionalIds() {}

  public static void main(String[] arguments) throws Exception {
    int ids = arguments.length == 0 ? DEFAULT_IDS : Integer.parseInt(arguments[0]);
    Path folder = Files.createTempDirectory("transactional-ids");
    long before;
    try (EmbeddedKafka broker = EmbeddedKafka.start(folder)) {
      initialise(broker, "first");
      // A first start loads classes and fills caches, which must not be part of the difference.
      awaitIds(broker, 1);
    }
    try (EmbeddedKafka broker = EmbeddedKafka.start(folder)) {
      awaitIds(broker, 1);
      before = usedHeap();
      write(broker, ids);
    }
    try (EmbeddedKafka broker = EmbeddedKafka.start(folder)) {
      awaitIds(broker, ids + 1);
      System.out.printf(
          "%,d transactional ids take %d bytes each%n", ids, (usedHeap() - before) / ids);
    }
  }

  /** Creates the topic of transactions, which Kafka does for the first id. */
  private static void initialise(EmbeddedKafka broker, String id) {
    Map<String, Object> properties =
        Map.of("bootstrap.servers", broker.bootstrapServers(), "transactional.id", id);
    try (Producer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.initTransactions();
    }
  }

  /**
   * Writes the records that the coordinator writes for an initialised producer that sends nothing.
   */
  private static void write(EmbeddedKafka broker, int ids)
      throws InterruptedException, ExecutionException, TimeoutException {
    // The broker permits only a client with this id to write to internal topics.
    Map<String, Object> properties =
        Map.of("bootstrap.servers", broker.bootstrapServers(), "client.id", "__admin_client");
    try (Producer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      int partitions = producer.partitionsFor(TOPIC).size();
      List<Future<?>> sent = new ArrayList<>();
      for (int number = 0; number < ids; number++) {
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
                    TOPIC,
                    Utils.abs(id.hashCode()) % partitions,
                    MessageUtil.toVersionPrefixedBytes((short) 0, key),
                    MessageUtil.toVersionPrefixedBytes((short) 0, value))));
      }
      for (Future<?> written : sent) {
        written.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
    }
  }

  private static void awaitIds(EmbeddedKafka broker, int count)
      throws InterruptedException, IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
      while (loaded(admin) < count) {
        if (System.nanoTime() > deadline) {
          throw new IOException(
              "The broker has not loaded %,d transactional ids within %d s"
                  .formatted(count, PATIENCE_SECONDS));
        }
        TimeUnit.MILLISECONDS.sleep(200);
      }
    }
  }

  /** Returns how many ids the coordinator lists; none while it is loading its log. */
  private static int loaded(Admin admin) throws InterruptedException {
    try {
      return admin.listTransactions().all().get().size();
    } catch (ExecutionException e) {
      return 0;
    }
  }

  private static long usedHeap() {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    memory.gc();
    memory.gc();
    return memory.getHeapMemoryUsage().getUsed();
  }
}
