package dev.crossencoder.benchmark.scaling;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.crossencoder.benchmark.scaling.ScalingResult.Load;
import dev.crossencoder.benchmark.scaling.ScalingResult.Run;
import dev.crossencoder.benchmark.worker.ProcessMemory;
import dev.crossencoder.cluster.FlinkRest;
import dev.crossencoder.cluster.SessionCluster;
import dev.crossencoder.kafka.EmbeddedKafka;
import dev.crossencoder.model.TextPair;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A broker in this JVM, and for each measurement a new cluster: so the memory of a TaskManager is
 * that of one model. Each TaskManager is bound to cores of its own, as far as there are enough.
 * Used by one thread.
 */
public final class ScalingRig implements AutoCloseable {
  private static final int PARTITIONS = 4;
  private static final int FILLED = 60_000;
  private static final String INPUT = "pairs";
  private static final Duration START_PATIENCE = Duration.ofMinutes(2);
  private static final Duration METRICS_PATIENCE = Duration.ofSeconds(5);
  private static final Duration REST_PAUSE = Duration.ofMillis(200);
  private static final Duration POLL = Duration.ofMillis(5);
  private static final double SAMPLE_SECONDS = 0.1;
  private static final JsonMapper MAPPER = new JsonMapper();

  private final Path folder;
  private final List<Path> lib;
  private final Path jobJar;
  private final List<byte[]> records;
  private final double seconds;
  private final EmbeddedKafka kafka;
  private final Producer<byte[], byte[]> producer;
  private int clusters;

  private ScalingRig(
      Path folder, List<Path> lib, Path jobJar, List<byte[]> records, double seconds) {
    this.folder = folder;
    this.lib = lib;
    this.jobJar = jobJar;
    this.records = records;
    this.seconds = seconds;
    this.kafka = EmbeddedKafka.start(folder.resolve("kafka"));
    Properties properties = new Properties();
    properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers());
    this.producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /**
   * Starts the broker, and fills a topic.
   *
   * @param folder for data and logs
   * @param lib the jars for Flink's {@code lib}
   * @param pairs the records
   * @param seconds the duration of each measurement
   */
  public static ScalingRig start(
      Path folder, List<Path> lib, Path jobJar, List<TextPair> pairs, double seconds)
      throws IOException {
    List<byte[]> records = new ArrayList<>();
    for (TextPair pair : pairs) {
      records.add(
          MAPPER.writeValueAsBytes(Map.of("query", pair.text(), "passage", pair.textPair())));
    }
    ScalingRig rig = new ScalingRig(folder, lib, jobJar, records, seconds);
    rig.kafka.createTopic(INPUT, PARTITIONS);
    for (int i = 0; i < FILLED; i++) {
      rig.send(INPUT, i);
    }
    rig.producer.flush();
    return rig;
  }

  private void send(String topic, long number) {
    byte[] value = records.get((int) (number % records.size()));
    var unused =
        producer.send(new ProducerRecord<>(topic, (int) (number % PARTITIONS), null, value));
  }

  /**
   * What was measured with one layout.
   *
   * @param run with more records than the job can score
   * @param loads with records at constant rates
   */
  public record Measured(Run run, List<Load> loads) {}

  /**
   * Measures the job, first with more records than it can score, and then the trend of the lag at
   * constant rates, one after the other.
   *
   * @param shares the rates, as shares of what the job can score; empty for none
   */
  public Measured measure(String model, Path bundle, Layout layout, List<Double> shares)
      throws Exception {
    try (SessionCluster cluster = cluster(layout)) {
      Job job = submit(cluster, bundle, INPUT, "run-" + clusters, layout);
      awaitRunning(cluster, job);
      Run run;
      try (Arrivals arrivals = job.arrivals()) {
        run = run(model, layout, cluster, arrivals);
      }
      if (shares.isEmpty()) {
        return new Measured(run, List.of());
      }
      cluster.rest().cancel(job.id());
      while (cluster.rest().freeSlots() < layout.subtasks()) {
        cluster.checkAlive();
        Thread.sleep(REST_PAUSE.toMillis());
      }
      String input = "load-" + clusters;
      kafka.createTopic(input, PARTITIONS);
      try (Arrivals arrivals = submit(cluster, bundle, input, input + "-run", layout).arrivals()) {
        return new Measured(run, loads(run, cluster, input, arrivals, shares));
      }
    }
  }

  private Run run(String model, Layout layout, SessionCluster cluster, Arrivals arrivals)
      throws Exception {
    awaitResults(arrivals, 1, cluster);
    pollUntil(arrivals, System.currentTimeMillis() + millis(seconds));
    double cpuSeconds = cpuSeconds(cluster, layout);
    long start = System.currentTimeMillis();
    pollUntil(arrivals, start + millis(seconds));
    long end = System.currentTimeMillis();
    cpuSeconds = cpuSeconds(cluster, layout) - cpuSeconds;
    arrivals.poll(POLL);
    double rate = arrivals.rate(start, end);
    long peak = 0;
    for (int i = 0; i < layout.taskManagers(); i++) {
      String pid = String.valueOf(cluster.taskManagerPid(i));
      peak = Math.max(peak, ProcessMemory.of(pid).peakBytes());
    }
    return new Run(
        model,
        layout,
        rate,
        1e6 * cpuSeconds / (rate * (end - start)),
        peak,
        largestHeap(cluster.rest()));
  }

  private List<Load> loads(
      Run run, SessionCluster cluster, String input, Arrivals arrivals, List<Double> shares) {
    int sent = (int) Math.ceil(run.pairsPerSecond());
    for (int i = 0; i < sent; i++) {
      send(input, i);
    }
    List<Load> loads = new ArrayList<>();
    for (double share : shares) {
      awaitResults(arrivals, sent, cluster);
      double offered = share * run.pairsPerSecond();
      Lag lag = new Lag();
      sent += load(input, arrivals, offered, sent, lag);
      loads.add(new Load(run.model(), run.layout(), share, offered, lag.perSecond()));
    }
    return loads;
  }

  /**
   * Sends records at a constant rate. The first third of the time, in which the first batches fill,
   * is no part of the trend. Returns the number of records.
   */
  private int load(String input, Arrivals arrivals, double offered, int before, Lag lag) {
    long start = System.nanoTime();
    double duration = 1.5 * seconds;
    double nextSample = duration / 3;
    int sent = 0;
    double elapsed = 0;
    while (elapsed < duration) {
      for (int due = (int) (elapsed * offered); sent < due; sent++) {
        send(input, before + sent);
      }
      int scored = arrivals.poll(POLL) - before;
      elapsed = (System.nanoTime() - start) / 1e9;
      if (elapsed >= nextSample) {
        lag.add(elapsed, sent - scored);
        nextSample += SAMPLE_SECONDS;
      }
    }
    return sent;
  }

  private SessionCluster cluster(Layout layout) throws Exception {
    SessionCluster cluster =
        SessionCluster.start(
            folder.resolve("flink-" + clusters++),
            lib,
            layout.taskManagers(),
            Map.of(
                "taskmanager.numberOfTaskSlots",
                String.valueOf(layout.slotsPerTaskManager()),
                "taskmanager.memory.process.size",
                "3 gb",
                "metrics.fetcher.update-interval",
                "500",
                "web.refresh-interval",
                "200 ms",
                // The default of this cluster is without the optimizing compiler.
                "env.java.opts.taskmanager",
                "-XX:TieredStopAtLevel=4 -XX:ActiveProcessorCount=" + layout.cores()));
    try {
      int available = Runtime.getRuntime().availableProcessors();
      for (int i = 0; i < layout.taskManagers(); i++) {
        int first = i * layout.cores();
        String cores =
            IntStream.range(first, first + layout.cores())
                .mapToObj(core -> String.valueOf(core % available))
                .distinct()
                .collect(Collectors.joining(","));
        bind(cluster.taskManagerPid(i), cores);
      }
      return cluster;
    } catch (Throwable t) {
      cluster.close();
      throw t;
    }
  }

  /** Binds all threads of a process to cores; its further threads inherit that. */
  private static void bind(long pid, String cores) throws IOException, InterruptedException {
    Process taskset =
        new ProcessBuilder("taskset", "-a", "-c", "-p", cores, String.valueOf(pid))
            .redirectErrorStream(true)
            .start();
    String output = new String(taskset.getInputStream().readAllBytes(), UTF_8);
    if (taskset.waitFor() != 0) {
      throw new IOException(
          "Cannot bind process %d to the cores %s: %s".formatted(pid, cores, output));
    }
  }

  /** A submitted job, and where its results appear. */
  private record Job(String id, String bootstrapServers, String output) {
    Arrivals arrivals() {
      return new Arrivals(bootstrapServers, output, PARTITIONS);
    }
  }

  private Job submit(SessionCluster cluster, Path bundle, String input, String name, Layout layout)
      throws Exception {
    String output = name + "-scored";
    kafka.createTopic(output, PARTITIONS, Map.of("message.timestamp.type", "LogAppendTime"));
    kafka.createTopic(name + "-dead", 1);
    SessionCluster.Run run =
        cluster.flinkRun(
            List.of(
                "-d",
                jobJar.toString(),
                "--bootstrap-servers",
                kafka.bootstrapServers(),
                "--input-topic",
                input,
                "--output-topic",
                output,
                "--dead-letter-topic",
                name + "-dead",
                "--job-name",
                name,
                "--model",
                bundle.toString(),
                "--from",
                "earliest",
                "--checkpoint-interval",
                "1s",
                "--parallelism",
                String.valueOf(layout.subtasks())));
    if (run.exitCode() != 0) {
      throw new IllegalStateException("Cannot submit the job:\n" + run.output() + cluster);
    }
    return new Job(run.jobId(), kafka.bootstrapServers(), output);
  }

  /** Waits until all subtasks have loaded their models. */
  private static void awaitRunning(SessionCluster cluster, Job job) throws Exception {
    long deadline = System.nanoTime() + START_PATIENCE.toNanos();
    while (!cluster.rest().isRunning(job.id())) {
      cluster.checkAlive();
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "Cannot measure, the job does not run within %s. The logs of the cluster end:%n%s"
                .formatted(START_PATIENCE, cluster));
      }
      Thread.sleep(REST_PAUSE.toMillis());
    }
  }

  private static void awaitResults(Arrivals arrivals, int count, SessionCluster cluster) {
    long deadline = System.nanoTime() + START_PATIENCE.toNanos();
    while (arrivals.poll(POLL) < count) {
      cluster.checkAlive();
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "Cannot measure, there were fewer than %d results within %s. The logs of the cluster end:%n%s"
                .formatted(count, START_PATIENCE, cluster));
      }
    }
  }

  private static void pollUntil(Arrivals arrivals, long endMillis) {
    while (System.currentTimeMillis() < endMillis) {
      arrivals.poll(POLL);
    }
  }

  private static double cpuSeconds(SessionCluster cluster, Layout layout) {
    double sum = 0;
    for (int i = 0; i < layout.taskManagers(); i++) {
      sum +=
          ProcessHandle.of(cluster.taskManagerPid(i))
              .flatMap(process -> process.info().totalCpuDuration())
              .map(time -> time.toNanos() / 1e9)
              .orElseThrow(() -> new IllegalStateException("A TaskManager has ended"));
    }
    return sum;
  }

  /** Returns the used heap. The JobManager fetches metrics only after they were asked for. */
  private static long largestHeap(FlinkRest rest) throws IOException, InterruptedException {
    long largest = 0;
    long deadline = System.nanoTime() + METRICS_PATIENCE.toNanos();
    while (largest == 0 && System.nanoTime() < deadline) {
      for (JsonNode manager : MAPPER.readTree(rest.text("/taskmanagers")).path("taskmanagers")) {
        String metrics =
            "/taskmanagers/%s/metrics?get=Status.JVM.Memory.Heap.Used"
                .formatted(manager.path("id").asText());
        largest =
            Math.max(largest, MAPPER.readTree(rest.text(metrics)).path(0).path("value").asLong());
      }
      Thread.sleep(REST_PAUSE.toMillis());
    }
    return largest;
  }

  private static long millis(double duration) {
    return Math.round(1e3 * duration);
  }

  @Override
  public void close() {
    producer.close();
    kafka.close();
  }
}
