package dev.crossencoder.kafka;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Kafka broker with its own KRaft controller in this JVM, on the loopback interface.
 *
 * <pre>{@code
 * try (EmbeddedKafka kafka = EmbeddedKafka.start(folder)) {
 *   kafka.createTopic("pairs", 4);
 *   properties.put("bootstrap.servers", kafka.bootstrapServers());
 * }
 * }</pre>
 *
 * <p><b>Data.</b> All data is in the data folder. A new folder is formatted. A broker that is
 * started with the folder of a closed one has its topics, records, offsets and transactions. Two
 * brokers at the same time need two folders. Records do not expire, and topics are not created
 * automatically.
 *
 * <p><b>Ports.</b> The broker chooses and binds a free port in one step. To restart with the same
 * address, pass the former {@link #port()}; the port is not reserved in the meantime.
 *
 * <p><b>Security.</b> {@code listeners} in the overrides are the listeners for clients, with any
 * protocol. Two PLAINTEXT listeners for the broker's own use, {@code INTERNAL} and {@code
 * CONTROLLER}, are added. Therefore an {@code authorizer.class.name} needs {@code
 * super.users=User:ANONYMOUS}.
 *
 * <p><b>Threads.</b> Thread-safe; all methods block. The threads of the broker are Kafka's.
 *
 * <p><b>Faults.</b> The first start prevents all Kafka code in this JVM from ending the JVM. An
 * error that would end the process of a broker is logged instead. The broker may then be unusable,
 * but can be closed. Kafka's server metrics are static: two brokers at the same time share them.
 */
public final class EmbeddedKafka implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedKafka.class);
  private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(30);
  private static final Duration TOPIC_DEADLINE = Duration.ofSeconds(30);

  private static final Set<Class<?>> BARE_WRAPPERS =
      Set.of(RuntimeException.class, ExecutionException.class, CompletionException.class);

  private final Path dataFolder;
  private final RaftNode node;
  private final String clientHost;
  private final int clientPort;
  private volatile boolean closed;

  private EmbeddedKafka(Path dataFolder, RaftNode node) {
    this.dataFolder = dataFolder;
    this.node = node;
    this.clientHost = node.clientListener().host();
    this.clientPort = node.boundPort(node.clientListener().listener());
  }

  /** Starts a broker on a free port. */
  public static EmbeddedKafka start(Path dataFolder) {
    return start(dataFolder, Map.of());
  }

  /**
   * Starts a broker on a free port.
   *
   * @param brokerOverrides broker properties that override the defaults of this class
   */
  public static EmbeddedKafka start(Path dataFolder, Map<String, String> brokerOverrides) {
    return start(dataFolder, 0, brokerOverrides);
  }

  /**
   * Starts a broker on the port, or on a free one if it is 0, and returns when it serves clients.
   *
   * @throws IllegalArgumentException if an override would take the broker's identity, folder or
   *     controller from this class, or if both the port and {@code listeners} are given
   * @throws IllegalStateException if the broker does not start; Kafka's reason is the cause
   */
  public static EmbeddedKafka start(
      Path dataFolder, int port, Map<String, String> brokerOverrides) {
    NoExit.install();
    Path folder = dataFolder.toAbsolutePath();
    BrokerSettings.check(port, brokerOverrides);
    try {
      return new EmbeddedKafka(folder, RaftNode.start(folder, port, brokerOverrides));
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      throw new IllegalStateException(
          "Cannot start Kafka in " + folder + ", " + reason(e).getMessage(), e);
    }
  }

  /**
   * The address of the broker's own listener, {@code host:port}, without encryption and
   * authentication. Tests use it to create users and ACLs for a secured broker.
   */
  public String internalServers() {
    return BrokerSettings.HOST + ":" + node.boundPort(BrokerSettings.INTERNAL);
  }

  /** The bootstrap address for clients, {@code host:port}: the first of the clients' listeners. */
  public String bootstrapServers() {
    return clientHost + ":" + clientPort;
  }

  /** The port in {@link #bootstrapServers()}. */
  public int port() {
    return clientPort;
  }

  /** Creates a topic with the broker's defaults. */
  public void createTopic(String name, int partitions) {
    createTopic(name, partitions, Map.of());
  }

  /**
   * Creates a topic with one replica, and returns when every partition has a leader.
   *
   * @throws IllegalStateException if the topic exists, the broker refuses it or does not answer
   *     within 30 s, or this is closed
   */
  public void createTopic(String name, int partitions, Map<String, String> topicConfigs) {
    if (closed) {
      throw new IllegalStateException("Cannot create topic " + name + ", the broker is closed");
    }
    NewTopic topic = new NewTopic(name, partitions, (short) 1).configs(topicConfigs);
    Map<TopicPartition, OffsetSpec> ends =
        IntStream.range(0, partitions)
            .mapToObj(partition -> new TopicPartition(name, partition))
            .collect(Collectors.toMap(Function.identity(), partition -> OffsetSpec.latest()));
    try (Admin admin = Admin.create(adminProperties())) {
      admin.createTopics(List.of(topic)).all().get();
      awaitLeaders(admin, ends);
    } catch (ExecutionException e) {
      throw topicFailure(name, partitions, e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw topicFailure(name, partitions, e);
    }
  }

  /** A request for offsets makes the client wait for the leader of each partition. */
  private static void awaitLeaders(Admin admin, Map<TopicPartition, OffsetSpec> ends)
      throws ExecutionException, InterruptedException {
    long deadline = System.nanoTime() + TOPIC_DEADLINE.toNanos();
    while (true) {
      try {
        admin.listOffsets(ends).all().get();
        return;
      } catch (ExecutionException e) {
        boolean stale = e.getCause() instanceof UnknownTopicOrPartitionException;
        if (!stale || System.nanoTime() > deadline) {
          throw e;
        }
        TimeUnit.MILLISECONDS.sleep(50);
      }
    }
  }

  /**
   * Stops the broker and flushes its data, usually within a second. After 30 s this method logs an
   * error and returns; threads of the broker may then still run. Closing twice has no effect.
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    CompletableFuture<Void> stop =
        CompletableFuture.runAsync(
            node::stop, task -> daemon(task, "embedded-kafka-close-" + clientPort).start());
    try {
      stop.orTimeout(CLOSE_DEADLINE.toSeconds(), TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      LOG.warn("Cannot close Kafka in {} within {}", dataFolder, CLOSE_DEADLINE, e.getCause());
    }
  }

  private Map<String, Object> adminProperties() {
    return Map.of(
        AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
        internalServers(),
        AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
        Math.toIntExact(TOPIC_DEADLINE.toMillis()),
        AdminClientConfig.RETRY_BACKOFF_MS_CONFIG,
        10);
  }

  /** Returns the cause of wrapper exceptions. */
  private static Throwable reason(Throwable failure) {
    Throwable reason = failure;
    while (BARE_WRAPPERS.contains(reason.getClass()) && reason.getCause() != null) {
      reason = reason.getCause();
    }
    return reason;
  }

  private static IllegalStateException topicFailure(String name, int partitions, Throwable cause) {
    return new IllegalStateException(
        "Cannot create topic " + name + " with " + partitions + " partitions, " + cause, cause);
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }
}
