package dev.crossencoder.benchmark.race;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A session cluster of one JobManager and one TaskManager from an unmodified Flink distribution,
 * started with its scripts. Used by one thread.
 */
final class FlinkCluster implements AutoCloseable {
  private static final int RUN_SECONDS = 120;

  private final Path flink;
  private final Path folder;
  private final Map<String, String> environment;
  private final ChildProcess jobManager;
  private ChildProcess taskManager;

  private FlinkCluster(
      Path flink, Path folder, Map<String, String> environment, ChildProcess jobManager) {
    this.flink = flink;
    this.folder = folder;
    this.environment = environment;
    this.jobManager = jobManager;
  }

  /**
   * Starts a cluster without waiting until it is ready: a job that is submitted waits for slots.
   *
   * @param flink the folder of the distribution
   * @param folder for configuration, logs and checkpoints
   * @param jars are added to Flink's {@code lib}
   * @param options are added to Flink's {@code config.yaml}
   * @param variables are added to the environment of all processes
   */
  static FlinkCluster start(
      Path flink,
      Path folder,
      List<Path> jars,
      Map<String, String> options,
      Map<String, String> variables)
      throws IOException {
    Path lib = Files.createDirectories(folder.resolve("lib"));
    for (Path jar : Stream.concat(list(flink.resolve("lib")).stream(), jars.stream()).toList()) {
      Path link = lib.resolve(jar.getFileName());
      if (!Files.exists(link)) {
        Files.createSymbolicLink(link, jar.toAbsolutePath());
      }
    }
    Path conf = Files.createDirectories(folder.resolve("conf"));
    for (Path file : list(flink.resolve("conf"))) {
      Files.writeString(conf.resolve(file.getFileName()), Files.readString(file));
    }
    Files.writeString(
        conf.resolve("config.yaml"),
        Files.readString(conf.resolve("config.yaml")) + yaml(folder, options));
    Map<String, String> environment = new HashMap<>(variables);
    environment.put("FLINK_CONF_DIR", conf.toString());
    environment.put("FLINK_LIB_DIR", lib.toString());
    environment.put("FLINK_LOG_DIR", Files.createDirectories(folder.resolve("logs")).toString());
    environment.put("FLINK_PID_DIR", Files.createDirectories(folder.resolve("pids")).toString());
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    // As docs/cluster.md says, for all contenders.
    environment.put("MALLOC_ARENA_MAX", "2");
    ChildProcess jobManager =
        ChildProcess.start(
            script(flink, "jobmanager.sh", "start-foreground"),
            environment,
            folder.resolve("jobmanager.log"));
    FlinkCluster cluster = new FlinkCluster(flink, folder, environment, jobManager);
    try {
      cluster.startTaskManager();
      return cluster;
    } catch (IOException e) {
      jobManager.close();
      throw e;
    }
  }

  private static String yaml(Path folder, Map<String, String> options) throws IOException {
    Map<String, String> all = new TreeMap<>();
    all.put("jobmanager.rpc.address", "127.0.0.1");
    all.put("jobmanager.rpc.port", String.valueOf(freePort()));
    all.put("jobmanager.bind-host", "127.0.0.1");
    all.put("taskmanager.host", "127.0.0.1");
    all.put("taskmanager.bind-host", "127.0.0.1");
    all.put("rest.address", "127.0.0.1");
    all.put("rest.bind-address", "127.0.0.1");
    all.put("rest.port", String.valueOf(freePort()));
    all.put("jobmanager.memory.process.size", "1024m");
    all.put("io.tmp.dirs", Files.createDirectories(folder.resolve("tmp")).toString());
    all.put("execution.checkpointing.dir", folder.resolve("checkpoints").toUri().toString());
    all.put("restart-strategy.type", "fixed-delay");
    all.put("restart-strategy.fixed-delay.attempts", "1000");
    all.put("restart-strategy.fixed-delay.delay", "1 s");
    // By default a record waits up to 100 ms before it is sent to another task.
    all.put("execution.buffer-timeout.interval", "5 ms");
    // By default a lost process is detected after some 20 s.
    all.put("heartbeat.interval", "1 s");
    all.put("heartbeat.timeout", "10 s");
    all.putAll(options);
    // As docs/cluster.md and job --print-memory say, for all contenders.
    all.put("env.java.opts.jobmanager", youngGeneration(1));
    int slots = Integer.parseInt(options.get("taskmanager.numberOfTaskSlots"));
    all.merge("env.java.opts.taskmanager", youngGeneration(slots), (own, more) -> own + " " + more);
    StringBuilder yaml = new StringBuilder("\n");
    all.forEach((key, value) -> yaml.append("%s: '%s'%n".formatted(key, value)));
    return yaml.toString();
  }

  private static String youngGeneration(int slots) {
    return "-XX:+UseG1GC -XX:MaxNewSize=%dm".formatted(64 * slots);
  }

  /** Returns a free port of the loopback address. */
  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static List<String> script(Path flink, String... words) {
    List<String> command = new ArrayList<>(List.of(words));
    command.set(0, flink.resolve("bin").resolve(words[0]).toString());
    command.add(0, "bash");
    return command;
  }

  /** Starts the TaskManager, at first or after it was killed. */
  void startTaskManager() throws IOException {
    taskManager =
        ChildProcess.start(
            script(flink, "taskmanager.sh", "start-foreground"),
            environment,
            folder.resolve("taskmanager.log"));
  }

  /** Kills the TaskManager with SIGKILL. */
  void killTaskManager() throws InterruptedException {
    taskManager.kill();
  }

  /** Submits a job with {@code flink run --detached}. */
  void run(List<String> arguments) throws IOException, InterruptedException {
    List<String> command = script(flink, "flink", "run", "--detached");
    command.addAll(arguments);
    try (ChildProcess client =
        ChildProcess.start(command, environment, folder.resolve("flink-run.log"))) {
      client.awaitSuccess(RUN_SECONDS);
    }
  }

  /** Returns the JobManager's process and its descendants. */
  List<ProcessHandle> jobManagerTree() {
    return jobManager.tree();
  }

  /** Returns the TaskManager's process and its descendants, which are workers of PyFlink. */
  List<ProcessHandle> taskManagerTree() {
    return taskManager.tree();
  }

  /**
   * Checks that both processes run.
   *
   * @throws IOException with the end of the log, if one has ended
   */
  void check() throws IOException {
    for (ChildProcess process : List.of(jobManager, taskManager)) {
      if (!process.isAlive()) {
        throw new IOException("A process of the cluster has ended:\n" + process.tail());
      }
    }
  }

  /** Returns the end of the TaskManager's log. */
  String tail() {
    return taskManager.tail();
  }

  @Override
  public void close() {
    taskManager.close();
    jobManager.close();
  }
}
