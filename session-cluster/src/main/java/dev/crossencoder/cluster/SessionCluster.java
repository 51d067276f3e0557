package dev.crossencoder.cluster;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessSpec;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils;
import org.apache.flink.runtime.util.config.memory.ProcessMemoryUtils;

/**
 * A standalone session cluster as an installed Flink runs it: JobManager, TaskManagers and {@code
 * flink run} are JVMs of their own. Their class path is Flink's part of this JVM's class path, and
 * the jars of a folder in the place of Flink's {@code lib}. Processes can be killed and started
 * again under the same addresses; none is started by itself. Used by one thread.
 */
public final class SessionCluster implements AutoCloseable {
  /** What flink-dist and its lib hold, as far as a DataStream job needs it. */
  private static final Pattern FLINK_JARS =
      Pattern.compile(
          "(flink-(annotations|clients|connector-datagen|core|datastream|file-sink|hadoop-fs|metrics|queryable|rpc|runtime|shaded|streaming).*"
              + "|commons-(cli|collections|compress|io|lang3|math3|text)-.*"
              + "|(async-profiler|javassist|jsr305|kryo|log4j|lz4-java|minlog|objenesis|reflectasm|slf4j-api|snakeyaml-engine|snappy-java)-.*)"
              + "(?<!-tests)\\.jar");

  /** {@code env.java.opts.all} of the configuration that Flink comes with. */
  private static final List<String> MODULE_ARGUMENTS =
      Stream.concat(
              Stream.of(
                      "java.base/sun.net.util",
                      "java.rmi/sun.rmi.registry",
                      "jdk.compiler/com.sun.tools.javac.api",
                      "jdk.compiler/com.sun.tools.javac.file",
                      "jdk.compiler/com.sun.tools.javac.parser",
                      "jdk.compiler/com.sun.tools.javac.tree",
                      "jdk.compiler/com.sun.tools.javac.util",
                      "java.security.jgss/sun.security.krb5")
                  .map(name -> "--add-exports=" + name + "=ALL-UNNAMED"),
              Stream.of(
                      "lang",
                      "net",
                      "io",
                      "nio",
                      "lang.reflect",
                      "text",
                      "time",
                      "util",
                      "util.concurrent",
                      "util.concurrent.atomic",
                      "util.concurrent.locks")
                  .map(name -> "--add-opens=java.base/java." + name + "=ALL-UNNAMED"))
          .toList();

  private static final String NIO_CHANNELS = "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED";

  /** Of each TaskManager. */
  public static final int SLOTS = 2;

  private static final Duration START_DEADLINE = Duration.ofSeconds(60);
  private static final long RUN_SECONDS = 120;

  private final Path folder;
  private final List<Path> classPath;
  private final FlinkRest rest;
  private final List<JavaProcess> taskManagers = new ArrayList<>();
  private JavaProcess jobManager;
  private int runs;

  /** What a {@code flink run} came to. */
  public record Run(int exitCode, String output) {
    private static final Pattern JOB_ID = Pattern.compile("JobID ([0-9a-f]{32})");

    /** The id of the job that was submitted. */
    public String jobId() {
      Matcher matcher = JOB_ID.matcher(output);
      if (!matcher.find()) {
        throw new IllegalStateException("No job was submitted:\n" + output);
      }
      return matcher.group(1);
    }
  }

  private SessionCluster(Path folder, List<Path> lib, int restPort) throws IOException {
    this.folder = folder;
    this.classPath = new ArrayList<>(flinkJars());
    this.classPath.addAll(lib);
    this.rest = new FlinkRest(URI.create("http://127.0.0.1:" + restPort));
  }

  /**
   * Starts a cluster, and returns when its slots are free.
   *
   * @param folder for configuration, logs and checkpoints
   * @param lib jars to put beside Flink's
   * @param taskManagers how many, with two slots each
   * @param options of the cluster, which win over those set here
   */
  public static SessionCluster start(
      Path folder, List<Path> lib, int taskManagers, Map<String, String> options) throws Exception {
    int restPort = freePort();
    Files.createDirectories(folder);
    writeConfiguration(folder, restPort, freePort(), options);
    SessionCluster cluster = new SessionCluster(folder, lib, restPort);
    try {
      cluster.startJobManager();
      for (int i = 0; i < taskManagers; i++) {
        cluster.startTaskManager(i);
      }
      cluster.awaitFreeSlots(taskManagers * SLOTS);
      return cluster;
    } catch (Throwable t) {
      cluster.close();
      throw new IllegalStateException("Cannot start the cluster. Its logs end:\n" + cluster, t);
    }
  }

  private void awaitFreeSlots(int slots) {
    await()
        .atMost(START_DEADLINE)
        .pollInterval(Duration.ofMillis(200))
        .until(
            () -> {
              checkAlive();
              return rest.freeSlots() == slots;
            });
  }

  /** The JobManager's REST API. */
  public FlinkRest rest() {
    return rest;
  }

  /** Fails if the JobManager or a TaskManager has ended that nobody has killed. */
  public void checkAlive() {
    for (JavaProcess process : processes()) {
      if (!process.isAlive()) {
        throw new IllegalStateException("A process of the cluster has ended:\n" + process.tail());
      }
    }
  }

  /** The ids of the processes by their names, those that were killed left out. */
  public Map<String, Long> pids() {
    Map<String, Long> pids = new LinkedHashMap<>();
    if (jobManager != null) {
      pids.put("JobManager", jobManager.pid());
    }
    for (int i = 0; i < taskManagers.size(); i++) {
      if (taskManagers.get(i) != null) {
        pids.put("TaskManager " + i, taskManagers.get(i).pid());
      }
    }
    return pids;
  }

  private List<JavaProcess> processes() {
    return Stream.concat(Stream.of(jobManager), taskManagers.stream())
        .filter(Objects::nonNull)
        .toList();
  }

  /** Runs {@code flink run} with these arguments, and waits for its end. */
  public Run flinkRun(List<String> arguments) throws Exception {
    List<String> words = new ArrayList<>(List.of("run"));
    words.addAll(arguments);
    List<String> jvm = jvmArguments();
    jvm.add("-Xmx256m");
    jvm.add("-Dlog.level=warn");
    try (JavaProcess client =
        JavaProcess.start(
            "org.apache.flink.client.cli.CliFrontend",
            classPath,
            jvm,
            words,
            Map.of("FLINK_CONF_DIR", folder.toString()),
            folder.resolve("flink-run-%d.log".formatted(runs++)))) {
      int exitCode = client.await(RUN_SECONDS);
      return new Run(exitCode, client.output());
    }
  }

  /** Starts the JobManager, and does not wait for it. */
  public void startJobManager() throws IOException {
    List<String> jvm = jvmArguments();
    jvm.add("-Xmx384m");
    jobManager =
        start(
            "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
            jvm,
            List.of("--configDir", folder.toString(), "--executionMode", "cluster"),
            "jobmanager");
  }

  /** Ends the JobManager as {@code kill -9} does. */
  public void killJobManager() {
    jobManager.kill();
    jobManager = null;
  }

  /** Starts a TaskManager, and does not wait for it. */
  public void startTaskManager(int index) throws IOException {
    TaskExecutorProcessSpec memory = taskManagerMemory();
    List<String> jvm = jvmArguments();
    jvm.addAll(words(ProcessMemoryUtils.generateJvmParametersStr(memory)));
    List<String> arguments = new ArrayList<>(List.of("--configDir", folder.toString()));
    arguments.addAll(words(TaskExecutorProcessUtils.generateDynamicConfigsStr(memory)));
    JavaProcess process =
        start(
            "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
            jvm,
            arguments,
            "taskmanager-" + index);
    if (index == taskManagers.size()) {
      taskManagers.add(process);
    } else {
      taskManagers.set(index, process);
    }
  }

  /** Ends a TaskManager as {@code kill -9} does. */
  public void killTaskManager(int index) {
    taskManagers.get(index).kill();
    taskManagers.set(index, null);
  }

  private JavaProcess start(String mainClass, List<String> jvm, List<String> arguments, String name)
      throws IOException {
    return JavaProcess.start(
        mainClass, classPath, jvm, arguments, Map.of(), folder.resolve(name + ".log"));
  }

  private List<String> jvmArguments() {
    List<String> arguments = new ArrayList<>(MODULE_ARGUMENTS);
    arguments.add(NIO_CHANNELS);
    // Short-lived processes on few cores: the second compiler would take more than it gives.
    arguments.add("-XX:TieredStopAtLevel=1");
    arguments.add("-Dlog4j2.configurationFile=" + folder.resolve("log4j.properties"));
    arguments.add("-Dcross-encoder.cache=" + System.getProperty("cross-encoder.cache"));
    return arguments;
  }

  /** What {@code taskmanager.sh} computes, which is not to be had without flink-dist. */
  private static TaskExecutorProcessSpec taskManagerMemory() {
    Configuration configuration = new Configuration();
    configuration.set(TaskManagerOptions.TOTAL_PROCESS_MEMORY, MemorySize.ofMebiBytes(2048));
    configuration.set(TaskManagerOptions.TASK_OFF_HEAP_MEMORY, MemorySize.ofMebiBytes(512));
    configuration.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(64));
    configuration.set(TaskManagerOptions.NUM_TASK_SLOTS, SLOTS);
    return TaskExecutorProcessUtils.processSpecFromConfig(configuration);
  }

  private static void writeConfiguration(
      Path folder, int restPort, int rpcPort, Map<String, String> options) throws IOException {
    StringBuilder more = new StringBuilder();
    options.forEach((key, value) -> more.append("%s: '%s'%n".formatted(key, value)));
    Files.writeString(
        folder.resolve("config.yaml"),
        """
        jobmanager.rpc.address: 127.0.0.1
        jobmanager.rpc.port: %d
        jobmanager.bind-host: 127.0.0.1
        taskmanager.host: 127.0.0.1
        taskmanager.bind-host: 127.0.0.1
        rest.address: 127.0.0.1
        rest.bind-address: 127.0.0.1
        rest.port: %d
        io.tmp.dirs: '%s'
        execution.checkpointing.dir: '%s'
        restart-strategy.type: fixed-delay
        restart-strategy.fixed-delay.attempts: 100
        restart-strategy.fixed-delay.delay: 500 ms
        classloader.parent-first-patterns.additional: dev.crossencoder.bundle;dev.crossencoder.operator;ai.djl
        """
                .formatted(
                    rpcPort,
                    restPort,
                    Files.createDirectories(folder.resolve("tmp")),
                    folder.resolve("checkpoints").toUri())
            + more);
    Files.writeString(
        folder.resolve("log4j.properties"),
        """
        appender.console.type = Console
        appender.console.name = console
        appender.console.layout.type = PatternLayout
        appender.console.layout.pattern = %d{HH:mm:ss.SSS} %-5level [%t] %logger{1} - %msg%n
        rootLogger.level = ${sys:log.level:-info}
        rootLogger.appenderRef.console.ref = console
        logger.kafka.name = org.apache.kafka
        logger.kafka.level = error
        logger.parts.name = org.apache.flink.core.plugin
        logger.parts.level = error
        """);
  }

  private static List<Path> flinkJars() {
    return Stream.of(System.getProperty("java.class.path").split(Pattern.quote(File.pathSeparator)))
        .map(Path::of)
        .filter(jar -> FLINK_JARS.matcher(jar.getFileName().toString()).matches())
        .toList();
  }

  private static List<String> words(String line) {
    return List.of(line.trim().split(" +"));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Ends the processes that this has started. */
  @Override
  public void close() {
    List<JavaProcess> processes = processes();
    for (int i = processes.size() - 1; i >= 0; i--) {
      processes.get(i).close();
    }
  }

  /** The ends of the logs. */
  @Override
  public String toString() {
    return processes().stream().map(JavaProcess::tail).collect(Collectors.joining("\n----\n"));
  }
}
