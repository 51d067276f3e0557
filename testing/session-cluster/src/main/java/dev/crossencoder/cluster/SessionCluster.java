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
 * A standalone session cluster like that of a Flink installation: JobManager, TaskManagers and
 * {@code flink run} are separate JVMs. Their class path consists of Flink's jars from the class
 * path of this JVM and of given jars in place of Flink's {@code lib}. Processes can be killed and
 * restarted with the same addresses; none restarts by itself. Used by one thread.
 */
public final class SessionCluster implements AutoCloseable {
  /** The jars of flink-dist and its lib folder that a DataStream job needs. */
  private static final Pattern FLINK_JARS =
      Pattern.compile(
          "(flink-(annotations|clients|connector-datagen|core|datastream|file-sink|hadoop-fs|metrics|queryable|rpc|runtime|shaded|streaming).*"
              + "|commons-(cli|collections|compress|io|lang3|math3|text)-.*"
              + "|(async-profiler|javassist|jsr305|kryo|log4j|lz4-java|minlog|objenesis|reflectasm|slf4j-api|snakeyaml-engine|snappy-java)-.*)"
              + "(?<!-tests)\\.jar");

  /** {@code env.java.opts.all} of the configuration in Flink's distribution. */
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

  /** The number of slots of each TaskManager. */
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

  /** The exit code and output of {@code flink run}. */
  public record Run(int exitCode, String output) {
    private static final Pattern JOB_ID = Pattern.compile("JobID ([0-9a-f]{32})");

    /** Returns the id of the submitted job. */
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
   * @param folder the folder for configuration, logs and checkpoints
   * @param lib additional jars for Flink's {@code lib}
   * @param taskManagers the number of TaskManagers, with two slots each
   * @param options options of the cluster, which override the defaults of this class; {@code
   *     env.java.opts.all} adds arguments to all JVMs and {@code env.java.opts.taskmanager} to
   *     those of TaskManagers, as in Flink's scripts; {@code -Dlog.level=…} and {@code
   *     -Dlog.level.kafka=…} set log levels
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

  /** Checks that the JobManager and all TaskManagers run, except for those that were killed. */
  public void checkAlive() {
    for (JavaProcess process : processes()) {
      if (!process.isAlive()) {
        throw new IllegalStateException("A process of the cluster has ended:\n" + process.tail());
      }
    }
  }

  /** The process id of the JobManager. */
  public long jobManagerPid() {
    return jobManager.pid();
  }

  /** The process id of a TaskManager. */
  public long taskManagerPid(int index) {
    return taskManagers.get(index).pid();
  }

  /** Returns the indexes of the TaskManagers that have ended without being killed. */
  public List<Integer> endedTaskManagers() {
    return IntStream.range(0, taskManagers.size())
        .filter(i -> taskManagers.get(i) != null && !taskManagers.get(i).isAlive())
        .boxed()
        .toList();
  }

  /** Returns the whole log of the TaskManagers with an index, including earlier processes. */
  public String taskManagerLog(int index) throws IOException {
    return Files.readString(folder.resolve("taskmanager-%d.log".formatted(index)));
  }

  /** Returns the process ids by name, without killed processes. */
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

  /** Runs {@code flink run} with these arguments and waits for its end. */
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

  /** Starts the JobManager without waiting until it is ready. */
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

  /** Kills the JobManager with SIGKILL. */
  public void killJobManager() {
    jobManager.kill();
    jobManager = null;
  }

  /** Starts a TaskManager without waiting until it is registered. */
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

  /** Kills a TaskManager with SIGKILL. */
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
        // As in the project's image: by default, glibc retains freed memory in many arenas.
        Map.of("MALLOC_ARENA_MAX", "2"),
        folder.resolve(name + ".log"));
  }

  private List<String> jvmArguments() {
    List<String> arguments = new ArrayList<>(MODULE_ARGUMENTS);
    arguments.add(NIO_CHANNELS);
    // C1 only: for short-lived processes on few cores, C2 costs more than it saves.
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

  /** Computes the options that {@code taskmanager.sh} computes, which needs flink-dist. */
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

  /** Ends all processes of the cluster. */
  @Override
  public void close() {
    List<JavaProcess> processes = processes();
    for (int i = processes.size() - 1; i >= 0; i--) {
      processes.get(i).close();
    }
  }

  /** Returns the ends of the logs. */
  @Override
  public String toString() {
    return processes().stream().map(JavaProcess::tail).collect(Collectors.joining("\n----\n"));
  }
}
