package dev.crossencoder.cluster;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
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
  private final Map<String, String> configuration;
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

  private SessionCluster(Path folder, List<Path> lib, Map<String, String> configuration) {
    this.folder = folder;
    this.configuration = configuration;
    this.classPath = new ArrayList<>(flinkJars());
    this.classPath.addAll(lib);
    this.rest = new FlinkRest(URI.create("http://127.0.0.1:" + configuration.get("rest.port")));
  }

  /**
   * Starts a cluster, and returns when its slots are free.
   *
   * @param folder for configuration, logs and checkpoints
   * @param lib jars to put beside Flink's
   * @param taskManagers how many, with two slots each
   * @param options of the cluster, which win over those set here; {@code env.java.opts.all} adds
   *     arguments to all JVMs and {@code env.java.opts.taskmanager} to the TaskManagers', as in
   *     Flink's scripts; {@code -Dlog.level=…} and {@code -Dlog.level.kafka=…} say what is logged
   */
  public static SessionCluster start(
      Path folder, List<Path> lib, int taskManagers, Map<String, String> options) throws Exception {
    Files.createDirectories(folder);
    Map<String, String> configuration =
        configuration(folder, ServerPorts.free(), ServerPorts.free(), options);
    SessionCluster cluster = new SessionCluster(folder, lib, configuration);
    cluster.writeConfiguration();
    try {
      cluster.startJobManager();
      for (int i = 0; i < taskManagers; i++) {
        cluster.startTaskManager(i);
      }
      cluster.awaitFreeSlots(
          taskManagers * Integer.parseInt(configuration.get("taskmanager.numberOfTaskSlots")));
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

  /** The id of the JobManager's process. */
  public long jobManagerPid() {
    return jobManager.pid();
  }

  /** The id of a TaskManager's process. */
  public long taskManagerPid(int index) {
    return taskManagers.get(index).pid();
  }

  /** The numbers of the TaskManagers that have ended and that nobody has killed. */
  public List<Integer> endedTaskManagers() {
    return IntStream.range(0, taskManagers.size())
        .filter(i -> taskManagers.get(i) != null && !taskManagers.get(i).isAlive())
        .boxed()
        .toList();
  }

  /** All that a TaskManager has said, those before it under its number included. */
  public String taskManagerLog(int index) throws IOException {
    return Files.readString(folder.resolve("taskmanager-%d.log".formatted(index)));
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
    List<String> jvm = new ArrayList<>(List.of("-Xmx256m", "-Dlog.level=warn"));
    jvm.addAll(jvmArguments());
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
    jvm.addAll(moreArguments("env.java.opts.taskmanager"));
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
        mainClass,
        classPath,
        jvm,
        arguments,
        // As in the project's image: by default glibc keeps what is freed in many arenas.
        Map.of("MALLOC_ARENA_MAX", "2"),
        folder.resolve(name + ".log"));
  }

  private List<String> jvmArguments() {
    List<String> arguments = new ArrayList<>(MODULE_ARGUMENTS);
    arguments.add(NIO_CHANNELS);
    // Short-lived processes on few cores: the second compiler would take more than it gives.
    arguments.add("-XX:TieredStopAtLevel=1");
    arguments.add("-Dlog4j2.configurationFile=" + folder.resolve("log4j.properties"));
    String cache = System.getProperty("cross-encoder.cache");
    if (cache != null) {
      arguments.add("-Dcross-encoder.cache=" + cache);
    }
    arguments.addAll(moreArguments("env.java.opts.all"));
    return arguments;
  }

  private List<String> moreArguments(String option) {
    String more = configuration.getOrDefault(option, "");
    return more.isBlank() ? List.of() : words(more);
  }

  /** What {@code taskmanager.sh} computes, which is not to be had without flink-dist. */
  private TaskExecutorProcessSpec taskManagerMemory() {
    return TaskExecutorProcessUtils.processSpecFromConfig(Configuration.fromMap(configuration));
  }

  private static Map<String, String> configuration(
      Path folder, int restPort, int rpcPort, Map<String, String> options) throws IOException {
    Map<String, String> configuration = new TreeMap<>();
    configuration.put("jobmanager.rpc.address", "127.0.0.1");
    configuration.put("jobmanager.rpc.port", String.valueOf(rpcPort));
    configuration.put("jobmanager.bind-host", "127.0.0.1");
    configuration.put("taskmanager.host", "127.0.0.1");
    configuration.put("taskmanager.bind-host", "127.0.0.1");
    configuration.put("rest.address", "127.0.0.1");
    configuration.put("rest.bind-address", "127.0.0.1");
    configuration.put("rest.port", String.valueOf(restPort));
    configuration.put("io.tmp.dirs", Files.createDirectories(folder.resolve("tmp")).toString());
    configuration.put(
        "execution.checkpointing.dir", folder.resolve("checkpoints").toUri().toString());
    configuration.put("restart-strategy.type", "fixed-delay");
    configuration.put("restart-strategy.fixed-delay.attempts", "100");
    configuration.put("restart-strategy.fixed-delay.delay", "500 ms");
    configuration.put("taskmanager.numberOfTaskSlots", String.valueOf(SLOTS));
    configuration.put("taskmanager.memory.process.size", "2 gb");
    configuration.put("taskmanager.memory.task.off-heap.size", "512 mb");
    configuration.put("taskmanager.memory.managed.size", "64 mb");
    configuration.put(
        "classloader.parent-first-patterns.additional",
        "dev.crossencoder.model;dev.crossencoder.operator;ai.djl");
    configuration.putAll(options);
    return configuration;
  }

  private void writeConfiguration() throws IOException {
    StringBuilder yaml = new StringBuilder();
    configuration.forEach(
        (key, value) -> yaml.append("%s: '%s'%n".formatted(key, value.replace("'", "''"))));
    Files.writeString(folder.resolve("config.yaml"), yaml);
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
        logger.kafka.level = ${sys:log.level.kafka:-error}
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
