package dev.crossencoder.faults;

import static org.awaitility.Awaitility.await;

import dev.crossencoder.cluster.FlinkRest;
import dev.crossencoder.cluster.SessionCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;

/**
 * A broker, a JobManager and TaskManagers, each a JVM of its own, and the job between three topics.
 * Used by one thread.
 */
final class Rig implements AutoCloseable {
  static final String INPUT = "pairs";
  static final String OUTPUT = "scored";
  static final String DEAD_LETTERS = "scored-dead-letters";
  static final int PARTITIONS = 4;

  /** Of each TaskManager. */
  static final int SLOTS = SessionCluster.SLOTS;

  /** A job that does not run again after this time is an experiment's result. */
  private static final Duration LONGEST_RECOVERY = Duration.ofMinutes(2);

  private static final Duration POLL = Duration.ofMillis(100);
  private static final Path JOB_JAR = Path.of(System.getProperty("job.jar", ""));
  private static final Path RUNTIME = Path.of(System.getProperty("runtime.folder", ""));

  private final Path folder;
  private final BrokerProcess broker;
  private final SessionCluster cluster;
  private final Optional<ServerProcess> zookeeper;
  private final Admin admin;
  private String job = "";

  private Rig(
      Path folder,
      BrokerProcess broker,
      SessionCluster cluster,
      Optional<ServerProcess> zookeeper) {
    this.folder = folder;
    this.broker = broker;
    this.cluster = cluster;
    this.zookeeper = zookeeper;
    this.admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
  }

  /**
   * Starts broker and cluster, and no job.
   *
   * @param folder for data, checkpoints and logs
   * @param taskManagers how many, with two slots each
   * @param highAvailability whether there is a ZooKeeper that a new JobManager learns from
   */
  static Rig start(Path folder, int taskManagers, boolean highAvailability) throws Exception {
    Optional<ServerProcess> zookeeper =
        highAvailability ? Optional.of(zookeeper(folder.resolve("zookeeper"))) : Optional.empty();
    try {
      BrokerProcess broker =
          BrokerProcess.start(
              folder.resolve("kafka"),
              Map.of(INPUT, PARTITIONS, OUTPUT, PARTITIONS, DEAD_LETTERS, PARTITIONS),
              Map.of());
      try (Stream<Path> jars = Files.list(RUNTIME)) {
        SessionCluster cluster =
            SessionCluster.start(
                folder.resolve("flink"),
                jars.sorted().toList(),
                taskManagers,
                options(folder, zookeeper));
        return new Rig(folder, broker, cluster, zookeeper);
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
        ZooKeeperMain.class, folder, List.of("--folder=" + folder.resolve("data")));
  }

  private static Map<String, String> options(Path folder, Optional<ServerProcess> zookeeper) {
    // By default a process that is gone is missed after some 20 s.
    Map<String, String> options =
        new HashMap<>(Map.of("heartbeat.interval", "1 s", "heartbeat.timeout", "10 s"));
    zookeeper.ifPresent(
        server ->
            options.putAll(
                Map.of(
                    "high-availability.type",
                    "zookeeper",
                    "high-availability.zookeeper.quorum",
                    "127.0.0.1:" + server.port(),
                    "high-availability.storageDir",
                    folder.resolve("high-availability").toUri().toString())));
    return options;
  }

  BrokerProcess broker() {
    return broker;
  }

  SessionCluster cluster() {
    return cluster;
  }

  Outputs outputs() {
    return new Outputs(broker.bootstrapServers(), OUTPUT, DEAD_LETTERS);
  }

  Feeder feed(Traffic traffic, int atLeast, double perSecond) {
    return new Feeder(broker.bootstrapServers(), INPUT, traffic, atLeast, perSecond);
  }

  /**
   * Submits the job, and returns when its tasks run.
   *
   * @param flinkArguments those of {@code flink run}
   * @param more arguments of the job
   */
  void submit(List<String> flinkArguments, List<String> more) throws Exception {
    List<String> arguments = new ArrayList<>(flinkArguments);
    arguments.add("-d");
    arguments.add(JOB_JAR.toString());
    arguments.addAll(
        List.of("--bootstrap-servers", broker.bootstrapServers(), "--job-name", "faults"));
    arguments.addAll(List.of("--input-topic", INPUT, "--output-topic", OUTPUT));
    arguments.addAll(List.of("--dead-letter-topic", DEAD_LETTERS, "--model", "demo-qa"));
    arguments.addAll(List.of("--checkpoint-interval", "1s"));
    arguments.addAll(more);
    SessionCluster.Run run = cluster.flinkRun(arguments);
    if (run.exitCode() != 0) {
      throw new IllegalStateException("Cannot submit the job:\n" + run.output() + cluster);
    }
    job = run.jobId();
    awaitRunning();
  }

  /** Waits until all tasks of the job run, their models loaded. */
  void awaitRunning() {
    awaitThat("the job runs", () -> rest().isRunning(job));
  }

  private FlinkRest rest() {
    return cluster.rest();
  }

  /** What a TaskManager holds. */
  ProcessResources taskManagerResources(int index) throws IOException, InterruptedException {
    return ProcessResources.of(cluster.pids().get("TaskManager " + index));
  }

  /** How often the job's tasks were started again. */
  int restarts() throws IOException, InterruptedException {
    return rest().restarts(job);
  }

  /**
   * Waits until the job has started again and new results are committed.
   *
   * @param restartsBefore as {@link #restarts} said before the fault
   */
  void awaitRecovery(int restartsBefore) throws InterruptedException {
    awaitThat(
        "the job runs again", () -> rest().restarts(job) > restartsBefore && rest().isRunning(job));
    awaitResults();
  }

  /** How many outputs are committed. */
  long committed() throws InterruptedException {
    return outputs().committedEnd(admin);
  }

  /** Waits until more results are committed than now. */
  void awaitResults() throws InterruptedException {
    long before = outputs().committedEnd(admin);
    awaitThat("results are committed", () -> outputs().committedEnd(admin) > before);
  }

  /**
   * Stops the job with a savepoint, goes on from it, and returns when all tasks run.
   *
   * @param more arguments of the job, as for {@link #submit}
   */
  void stopAndResume(List<String> more) throws Exception {
    String folderOfSavepoints = folder.resolve("savepoints").toUri().toString();
    String savepoint = rest().stopWithSavepoint(job, folderOfSavepoints, LONGEST_RECOVERY);
    submit(List.of("-s", savepoint), more);
  }

  /** Cancels the job and waits for its end. */
  void cancel() throws IOException, InterruptedException {
    rest().cancel(job);
    awaitThat("the job has ended", () -> rest().state(job).equals("CANCELED"));
  }

  private void awaitThat(String what, Callable<Boolean> condition) {
    await(what)
        .atMost(LONGEST_RECOVERY)
        .pollInterval(POLL)
        // Who is asked may be what was broken.
        .ignoreExceptions()
        .until(condition);
  }

  @Override
  public void close() {
    admin.close(Duration.ofSeconds(1));
    cluster.close();
    broker.close();
    zookeeper.ifPresent(ServerProcess::stop);
  }
}
