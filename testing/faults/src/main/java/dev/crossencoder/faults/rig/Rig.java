package dev.crossencoder.faults.rig;

import dev.crossencoder.cluster.ServerPorts;
import dev.crossencoder.cluster.SessionCluster;
import dev.crossencoder.faults.records.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.awaitility.core.ConditionTimeoutException;

/**
 * A broker, a JobManager, TaskManagers and possibly ZooKeeper, each in a separate JVM. Used by one
 * thread.
 */
public final class Rig implements AutoCloseable {
  /** The number of slots of each TaskManager. */
  public static final int SLOTS = SessionCluster.SLOTS;

  /** The timeout of {@link #await}. */
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private static final Duration POLL = Duration.ofMillis(100);

  private final Path folder;
  private final Setup setup;
  private final BrokerProcess broker;
  private final SessionCluster cluster;
  private final Optional<ServerProcess> zookeeper;
  private final Admin admin;

  private Rig(
      Path folder,
      Setup setup,
      BrokerProcess broker,
      SessionCluster cluster,
      Optional<ServerProcess> zookeeper) {
    this.folder = folder;
    this.setup = setup;
    this.broker = broker;
    this.cluster = cluster;
    this.zookeeper = zookeeper;
    this.admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
  }

  /**
   * Starts broker and cluster without a job.
   *
   * @param folder the folder for data, checkpoints and logs
   */
  public static Rig start(Path folder, Setup setup) throws Exception {
    List<Path> runtime;
    try (Stream<Path> jars = Files.list(path("runtime.folder"))) {
      runtime = Stream.concat(jars.sorted(), Stream.of(path("demo-models.jar"))).toList();
    }
    Optional<ServerProcess> zookeeper =
        setup.highAvailability()
            ? Optional.of(zookeeper(folder.resolve("zookeeper")))
            : Optional.empty();
    try {
      BrokerProcess broker = BrokerProcess.start(folder.resolve("kafka"), setup.brokerProperties());
      try {
        SessionCluster cluster =
            SessionCluster.start(
                folder.resolve("flink"),
                runtime,
                setup.taskManagers(),
                options(folder, setup, zookeeper));
        return new Rig(folder, setup, broker, cluster, zookeeper);
      } catch (Throwable t) {
        broker.close();
        throw t;
      }
    } catch (Throwable t) {
      zookeeper.ifPresent(ServerProcess::stop);
      throw t;
    }
  }

  private static ServerProcess zookeeper(Path folder) throws IOException {
    return ServerProcess.start(
        ZooKeeperMain.class,
        folder,
        List.of("--folder=" + folder.resolve("data"), "--port=" + ServerPorts.free()));
  }

  private static Map<String, String> options(
      Path folder, Setup setup, Optional<ServerProcess> zookeeper) {
    Map<String, String> options = new HashMap<>();
    // By default a lost process is detected after some 20 s.
    options.put("heartbeat.interval", "1 s");
    options.put("heartbeat.timeout", "10 s");
    options.put("web.refresh-interval", "100 ms");
    options.put("metrics.fetcher.update-interval", "1000");
    options.put("execution.checkpointing.interval", "1 s");
    options.put(
        "execution.checkpointing.externalized-checkpoint-retention", "RETAIN_ON_CANCELLATION");
    zookeeper.ifPresent(
        server -> {
          options.put("high-availability.type", "zookeeper");
          // By default a lost leader is detected after a minute.
          options.put("high-availability.zookeeper.client.session-timeout", "10 s");
          options.put("high-availability.zookeeper.quorum", "127.0.0.1:" + server.port());
          options.put(
              "high-availability.storageDir",
              folder.resolve("high-availability").toUri().toString());
        });
    options.putAll(setup.clusterOptions());
    return options;
  }

  private static Path path(String property) {
    String value = System.getProperty(property);
    if (value == null) {
      throw new IllegalStateException(
          "The system property %s is not set. Run experiments with ./mvnw -Dquick -Pfaults verify -pl testing/faults -am."
              .formatted(property));
    }
    return Path.of(value);
  }

  /** The path of the job's jar. */
  static Path jobJar() {
    return path("job.jar");
  }

  public BrokerProcess broker() {
    return broker;
  }

  public SessionCluster cluster() {
    return cluster;
  }

  /** The folder for data, checkpoints and logs. */
  public Path folder() {
    return folder;
  }

  /** The number of slots of all TaskManagers. */
  public int slots() {
    return setup.taskManagers() * SLOTS;
  }

  /** The URI of the folder for savepoints. */
  String savepoints() {
    return folder.resolve("savepoints").toUri().toString();
  }

  /**
   * Returns the checkpoint folder of a small model with random weights. The first call writes it.
   */
  public String tinyModel() throws IOException {
    return tinyModel("tiny", 7);
  }

  /** Returns the checkpoint folder of a second small model with other random weights. */
  public String otherTinyModel() throws IOException {
    return tinyModel("other-tiny", 8);
  }

  /** Returns the checkpoint folder of one of many small models with random weights. */
  public String tinyModel(int number) throws IOException {
    return tinyModel("tiny-" + number, 100L + number);
  }

  private String tinyModel(String name, long seed) throws IOException {
    Path checkpoint = folder.resolve(name);
    if (!Files.exists(checkpoint)) {
      TinyModel.write(checkpoint, seed);
    }
    return checkpoint.toString();
  }

  /**
   * Creates the topics of a job, and returns when all partitions have leaders. Without a leader, a
   * broker may accept the second batch of a producer before the first one and then reject the first
   * one permanently.
   */
  public void create(Topics topics) throws InterruptedException {
    Map<String, String> outputOptions = new HashMap<>(setup.topicOptions());
    outputOptions.putAll(limit(setup.maxResultBytes()));
    List<NewTopic> all =
        List.of(
            topic(topics.input(), setup.topicOptions()),
            topic(topics.output(), outputOptions),
            topic(topics.deadLetters(), limit(setup.maxDeadLetterBytes())));
    try {
      admin.createTopics(all).all().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          "Cannot create the topics %s".formatted(topics), e.getCause());
    }
    await(
        "leaders of %s".formatted(topics),
        () ->
            !ends(
                    Topics.partitions(topics.input(), topics.output(), topics.deadLetters()),
                    IsolationLevel.READ_UNCOMMITTED)
                .isEmpty());
  }

  /** Creates a compacted topic with one partition, and returns when it has a leader. */
  public void createCompacted(String name) throws InterruptedException {
    NewTopic topic = new NewTopic(name, 1, (short) 1).configs(Map.of("cleanup.policy", "compact"));
    try {
      admin.createTopics(List.of(topic)).all().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("Cannot create the topic " + name, e.getCause());
    }
    await(
        "a leader of " + name,
        () ->
            !ends(List.of(new TopicPartition(name, 0)), IsolationLevel.READ_UNCOMMITTED).isEmpty());
  }

  private static NewTopic topic(String name, Map<String, String> options) {
    return new NewTopic(name, Topics.PARTITIONS, (short) 1).configs(options);
  }

  private static Map<String, String> limit(int bytes) {
    return Map.of("max.message.bytes", String.valueOf(bytes));
  }

  /** Changes an option of an existing topic. */
  public void alter(String topic, String option, String value) throws InterruptedException {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    AlterConfigOp change =
        new AlterConfigOp(new ConfigEntry(option, value), AlterConfigOp.OpType.SET);
    try {
      admin.incrementalAlterConfigs(Map.of(resource, List.of(change))).all().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          "Cannot set %s of topic %s to %s".formatted(option, topic, value), e.getCause());
    }
  }

  /** Returns the end offsets of partitions for an isolation level. */
  public Map<TopicPartition, Long> ends(List<TopicPartition> partitions, IsolationLevel isolation)
      throws InterruptedException {
    Map<TopicPartition, OffsetSpec> latest =
        partitions.stream().collect(Collectors.toMap(at -> at, at -> OffsetSpec.latest()));
    try {
      return admin
          .listOffsets(latest, new ListOffsetsOptions(isolation))
          .all()
          .get()
          .entrySet()
          .stream()
          .collect(Collectors.toMap(Map.Entry::getKey, end -> end.getValue().offset()));
    } catch (ExecutionException e) {
      throw new IllegalStateException("Cannot look up where topics end", e.getCause());
    }
  }

  /** Returns the committed offsets of a consumer group by partition. */
  public Map<TopicPartition, Long> committed(String group) throws InterruptedException {
    try {
      return admin
          .listConsumerGroupOffsets(group)
          .partitionsToOffsetAndMetadata()
          .get()
          .entrySet()
          .stream()
          .collect(Collectors.toMap(Map.Entry::getKey, position -> position.getValue().offset()));
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          "Cannot look up the offsets of group %s".formatted(group), e.getCause());
    }
  }

  /** Deletes the records of partitions before an offset, as retention does. */
  public void deleteBefore(Map<TopicPartition, Long> offsets) throws InterruptedException {
    try {
      admin
          .deleteRecords(
              offsets.entrySet().stream()
                  .collect(
                      Collectors.toMap(
                          Map.Entry::getKey,
                          offset -> RecordsToDelete.beforeOffset(offset.getValue()))))
          .all()
          .get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("Cannot delete records", e.getCause());
    }
  }

  /** Kills ZooKeeper with SIGKILL, and restarts it after some time. */
  public void killZooKeeper(int awaySeconds) throws IOException, InterruptedException {
    ServerProcess server = zookeeper.orElseThrow();
    server.kill();
    TimeUnit.SECONDS.sleep(awaySeconds);
    server.restart();
  }

  /** Restarts the TaskManagers that have ended without being killed, and returns their number. */
  public int restartEndedTaskManagers() throws IOException {
    List<Integer> ended = cluster.endedTaskManagers();
    for (int index : ended) {
      cluster.startTaskManager(index);
    }
    return ended.size();
  }

  /**
   * Waits until a TaskManager ends without being killed, restarts all such TaskManagers, and
   * returns their number.
   */
  public int awaitEndedTaskManager() throws IOException {
    await("a TaskManager ends", () -> !cluster.endedTaskManagers().isEmpty());
    return restartEndedTaskManagers();
  }

  /** Returns the resources of a TaskManager. */
  public ProcessResources taskManagerResources(int index) throws IOException, InterruptedException {
    return ProcessResources.of(cluster.taskManagerPid(index));
  }

  /**
   * Waits until a condition holds.
   *
   * @throws IllegalStateException if it does not hold within three minutes; the message has the
   *     ends of the logs
   */
  public void await(String what, Callable<Boolean> condition) {
    try {
      patiently(what).until(condition);
    } catch (ConditionTimeoutException e) {
      throw new IllegalStateException(e.getMessage() + "\n" + cluster, e);
    }
  }

  static ConditionFactory patiently(String what) {
    return Awaitility.await(what + " within " + PATIENCE)
        .atMost(PATIENCE)
        .pollInterval(POLL)
        // The process that the condition asks may be the one that is broken.
        .ignoreExceptions();
  }

  @Override
  public void close() {
    try {
      admin.close(Duration.ofSeconds(1));
    } finally {
      try {
        cluster.close();
      } finally {
        try {
          broker.close();
        } finally {
          zookeeper.ifPresent(ServerProcess::stop);
        }
      }
    }
  }
}
