package dev.crossencoder.benchmark.race;

import dev.crossencoder.model.bundle.Engine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A contender that runs: a Flink cluster with one job, and the servers that it asks. Used by one
 * thread.
 */
final class Entrant implements AutoCloseable {
  private final Contender contender;
  private final List<Server> servers;
  private final FlinkCluster cluster;

  private Entrant(Contender contender, List<Server> servers, FlinkCluster cluster) {
    this.contender = contender;
    this.servers = servers;
    this.cluster = cluster;
  }

  /**
   * What to start.
   *
   * @param exactlyOnce else at least once
   * @param folder for logs and data
   */
  record Plan(
      Contender contender,
      Setting setting,
      RaceModel model,
      Site site,
      String bootstrapServers,
      RaceTopics topics,
      boolean exactlyOnce,
      Path folder) {
    String delivery() {
      return exactlyOnce ? "exactly-once" : "at-least-once";
    }
  }

  /**
   * Starts servers and cluster and submits the job. Returns before it runs.
   *
   * @throws IOException if something does not start; the message has the end of its log
   */
  static Entrant start(Plan plan) throws IOException, InterruptedException {
    List<Server> servers = new ArrayList<>();
    FlinkCluster cluster = null;
    try {
      startServers(plan, servers);
      cluster =
          FlinkCluster.start(
              plan.site().flink(),
              plan.folder().resolve("flink"),
              jars(plan),
              options(plan),
              variables(plan));
      for (Server server : servers) {
        server.awaitReady();
      }
      cluster.run(arguments(plan, servers));
      return new Entrant(plan.contender(), servers, cluster);
    } catch (IOException | InterruptedException | RuntimeException e) {
      if (cluster != null) {
        cluster.close();
      }
      servers.forEach(Server::close);
      throw e;
    }
  }

  private static void startServers(Plan plan, List<Server> servers) throws IOException {
    Setting setting = plan.setting();
    Site site = plan.site();
    if (!plan.contender().asksServer()) {
      return;
    }
    for (int i = 0; i < setting.number("servers"); i++) {
      Path log = plan.folder().resolve("server-%d.log".formatted(i));
      servers.add(
          plan.contender() == Contender.INFINITY
              ? Server.infinity(
                  interpreter(site.infinity(), "infinity"), plan.model(), setting, log)
              : Server.fastApi(
                  interpreter(site.server(), "python"),
                  site.scripts(),
                  plan.model(),
                  setting,
                  log));
    }
  }

  private static Path interpreter(Optional<Path> python, String property) {
    return python.orElseThrow(
        () ->
            new IllegalStateException(
                "There is no Python interpreter for it. Set benchmark.race.%s."
                    .formatted(property)));
  }

  private static List<Path> jars(Plan plan) throws IOException {
    Site site = plan.site();
    return switch (plan.contender()) {
      case OURS -> site.runtimeJars();
      case DATASTREAM, SQL ->
          Stream.of(site.runtimeJars(), site.connectorJars(), List.of(site.providerJar()))
              .flatMap(List::stream)
              .filter(distinctNames())
              .toList();
      case DJL -> Stream.concat(site.connectorJars().stream(), site.djlJars().stream()).toList();
      case PYFLINK_PROCESS, PYFLINK_THREAD, INFINITY, FASTAPI -> site.connectorJars();
    };
  }

  private static Predicate<Path> distinctNames() {
    Set<Path> names = new HashSet<>();
    return jar -> names.add(jar.getFileName());
  }

  /**
   * The memory of each TaskManager is as small as its job allows; all have the same for Flink's
   * network. It has no more slots than the job needs, because this project divides the cores by
   * them.
   */
  private static Map<String, String> options(Plan plan) {
    Map<String, String> options = new HashMap<>();
    options.put("taskmanager.numberOfTaskSlots", plan.setting().text("parallelism"));
    options.put(
        "classloader.parent-first-patterns.additional",
        "dev.crossencoder.model;dev.crossencoder.operator;ai.djl");
    options.put("taskmanager.memory.network.max", "64m");
    switch (plan.contender()) {
      case OURS, DATASTREAM, SQL -> scoreInProcess(plan, options);
      case DJL -> {
        scoreInProcess(plan, options);
        options.put(
            "env.java.opts.taskmanager",
            "-Dai.djl.offline=true -Dai.djl.pytorch.num_interop_threads=1 -Dai.djl.pytorch.num_threads=%s -Dai.djl.pytorch.graph_optimizer=%s"
                .formatted(plan.setting().text("threads"), plan.setting().text("graph-optimizer")));
      }
      case PYFLINK_PROCESS -> {
        options.put("taskmanager.memory.process.size", "1280m");
        options.put("taskmanager.memory.managed.size", "256m");
      }
      case PYFLINK_THREAD -> {
        options.put("taskmanager.memory.process.size", "2560m");
        options.put("taskmanager.memory.task.off-heap.size", "1024m");
        options.put("taskmanager.memory.managed.size", "256m");
      }
      case INFINITY, FASTAPI -> {
        options.put("taskmanager.memory.process.size", "1024m");
        options.put("taskmanager.memory.managed.size", "0");
      }
    }
    return options;
  }

  /** As {@code bin/cross-encoder job --print-memory} says for the embedded models. */
  private static void scoreInProcess(Plan plan, Map<String, String> options) {
    int slots = plan.setting().number("parallelism");
    options.put("taskmanager.memory.process.size", 1472 + 192 * slots + "m");
    options.put("taskmanager.memory.task.off-heap.size", "576m");
    options.put("taskmanager.memory.managed.size", "0");
  }

  /** An interpreter inside the TaskManager does not find the packages of a virtual environment. */
  private static Map<String, String> variables(Plan plan) throws IOException {
    if (plan.contender() != Contender.PYFLINK_THREAD) {
      return Map.of();
    }
    Path packages = Site.distribution(interpreter(plan.site().pyflink(), "pyflink")).getParent();
    return Map.of("PYTHONPATH", packages.toString());
  }

  /** The arguments of {@code flink run}. */
  private static List<String> arguments(Plan plan, List<Server> servers) {
    Site site = plan.site();
    return switch (plan.contender()) {
      case OURS -> ours(plan);
      case DATASTREAM -> java(plan, "OperatorJob", List.of("--model", bundle(plan)));
      case SQL -> java(plan, "SqlJob", List.of("--model", bundle(plan)));
      case DJL ->
          java(
              plan,
              "DjlJob",
              List.of(
                  "--model", plan.model().traced().toString(),
                  "--sigmoid", String.valueOf(plan.model().sigmoid()),
                  "--batch", plan.setting().text("batch"),
                  "--wait-millis", plan.setting().text("wait-millis")));
      case INFINITY ->
          java(
              plan,
              "HttpJob",
              List.of(
                  "--api",
                  "rerank",
                  "--urls",
                  urls(servers, "/rerank"),
                  "--model",
                  "model",
                  "--raw-scores",
                  String.valueOf(!plan.model().sigmoid()),
                  "--batch",
                  "1",
                  "--capacity",
                  plan.setting().text("capacity")));
      case FASTAPI ->
          java(
              plan,
              "HttpJob",
              List.of(
                  "--api", "score",
                  "--urls", urls(servers, "/score"),
                  "--batch", plan.setting().text("batch"),
                  "--capacity", plan.setting().text("capacity")));
      case PYFLINK_PROCESS -> python(plan, site, "process");
      case PYFLINK_THREAD -> python(plan, site, "thread");
    };
  }

  private static String urls(List<Server> servers, String path) {
    return String.join(",", servers.stream().map(server -> server.url(path)).toList());
  }

  private static String bundle(Plan plan) {
    Engine engine = Engine.parse(plan.setting().text("engine"));
    return plan.model().bundles().get(engine).toString();
  }

  private static List<String> ours(Plan plan) {
    List<String> words = new ArrayList<>();
    words.add(plan.site().jobJar().toString());
    words.addAll(List.of("--bootstrap-servers", plan.bootstrapServers()));
    words.addAll(List.of("--input-topic", plan.topics().input()));
    words.addAll(List.of("--output-topic", plan.topics().output()));
    words.addAll(List.of("--model", bundle(plan)));
    words.addAll(List.of("--delivery", plan.delivery(), "--from", "earliest"));
    words.addAll(List.of("--checkpoint-interval", plan.site().checkpointMillis() + "ms"));
    words.addAll(List.of("--parallelism", plan.setting().text("parallelism")));
    return words;
  }

  private static List<String> java(Plan plan, String main, List<String> more) {
    List<String> words = new ArrayList<>();
    words.addAll(List.of("--class", "dev.crossencoder.benchmark.race.job." + main));
    words.add(plan.site().raceJar().toString());
    words.addAll(shared(plan));
    words.addAll(more);
    return words;
  }

  private static List<String> python(Plan plan, Site site, String mode) {
    String python = interpreter(site.pyflink(), "pyflink").toString();
    List<String> words = new ArrayList<>();
    words.addAll(List.of("-py", site.scripts().resolve("pyflink_job.py").toString()));
    words.addAll(List.of("-pyexec", python, "-pyclientexec", python));
    words.addAll(shared(plan));
    words.addAll(List.of("--model", plan.model().checkpoint().toString(), "--mode", mode));
    plan.setting()
        .options()
        .forEach(
            (name, value) -> {
              if (!name.equals("parallelism")) {
                words.addAll(List.of("--" + name, value));
              }
            });
    return words;
  }

  private static List<String> shared(Plan plan) {
    return List.of(
        "--bootstrap-servers", plan.bootstrapServers(),
        "--input-topic", plan.topics().input(),
        "--output-topic", plan.topics().output(),
        "--delivery", plan.delivery(),
        "--checkpoint-millis", String.valueOf(plan.site().checkpointMillis()),
        "--parallelism", plan.setting().text("parallelism"));
  }

  /** Returns the processes of the contender: TaskManager, Python workers and servers. */
  List<ProcessHandle> scoringProcesses() {
    return Stream.concat(
            cluster.taskManagerTree().stream(), servers.stream().flatMap(s -> s.tree().stream()))
        .toList();
  }

  /** Returns the processes of the JobManager. */
  List<ProcessHandle> jobManagerProcesses() {
    return cluster.jobManagerTree();
  }

  /** Kills what a victim names with SIGKILL. */
  void kill(Victim victim) throws InterruptedException {
    switch (victim) {
      case TASK_MANAGER -> {
        List<ProcessHandle> workers = new ArrayList<>(cluster.taskManagerTree());
        cluster.killTaskManager();
        workers.forEach(ProcessHandle::destroyForcibly);
      }
      case SERVER -> servers.get(0).kill();
      case PYTHON_WORKER ->
          cluster.taskManagerTree().stream().skip(1).forEach(ProcessHandle::destroyForcibly);
    }
  }

  /** Starts again what was killed, apart from Python workers, which Flink starts. */
  void restart(Victim victim) throws IOException {
    switch (victim) {
      case TASK_MANAGER -> cluster.startTaskManager();
      case SERVER -> servers.get(0).restart();
      case PYTHON_WORKER -> {}
    }
  }

  /** Returns what can be killed. */
  static List<Victim> victims(Contender contender) {
    List<Victim> victims = new ArrayList<>(List.of(Victim.TASK_MANAGER));
    if (contender.asksServer()) {
      victims.add(Victim.SERVER);
    }
    if (contender == Contender.PYFLINK_PROCESS) {
      victims.add(Victim.PYTHON_WORKER);
    }
    return victims;
  }

  /** Returns the ends of the logs. */
  String tail() {
    StringBuilder tail = new StringBuilder("TaskManager:\n" + cluster.tail());
    for (Server server : servers) {
      tail.append("\nServer:\n").append(server.tail());
    }
    return tail.toString();
  }

  @Override
  public String toString() {
    return contender.key();
  }

  @Override
  public void close() {
    cluster.close();
    servers.forEach(Server::close);
  }
}
