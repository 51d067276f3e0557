package dev.crossencoder.job;

import static dev.crossencoder.job.TestJobs.dead;
import static dev.crossencoder.job.TestJobs.scored;
import static dev.crossencoder.job.TestTopics.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.crossencoder.cluster.ServerPorts;
import dev.crossencoder.kafka.EmbeddedKafka;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What docs/metrics.md promises is what a running job has at its endpoint, and nothing else is. */
@Timeout(120)
class PrometheusITCase {
  private static final int PORT = freePort();

  @RegisterExtension
  static final MiniClusterExtension FLINK =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setConfiguration(reporter())
              .setNumberTaskManagers(1)
              .setNumberSlotsPerTaskManager(2)
              .build());

  private static final Path PAGE = Path.of("../docs/metrics.md");
  private static final String OPERATOR = "flink_taskmanager_job_task_operator_";
  private static final Pattern ROW =
      Pattern.compile("\\| `(\\w+)` \\| (counter|gauge|summary) \\|(?:(.*)\\|)?[^|]*\\|");
  private static final Pattern LABEL = Pattern.compile("`(\\w+)`");
  private static final Pattern SAMPLE = Pattern.compile("(\\w+)\\{(.*)} (\\S+)");
  private static final Pattern TAG = Pattern.compile("(\\w+)=\"([^\"]*)\"");

  /** It takes a broker that forgets a transaction or records, and a device that is full. */
  private static final Set<String> STAYS_ZERO =
      Set.of(
          OPERATOR + "transactionsLost",
          OPERATOR + "offsetsSkipped",
          OPERATOR + "crossEncoder_batchesHalved",
          OPERATOR + "crossEncoder_code_pairsFailed",
          OPERATOR + "crossEncoder_route_pairsFailed",
          OPERATOR + "crossEncoder_recordsRetagged",
          OPERATOR + "crossEncoder_recordsFiltered");

  /** What has passed through when the endpoint is read. */
  private static final Set<String> AT_ANY_TIME_ZERO =
      Set.of(
          OPERATOR + "crossEncoder_recordsInFlight",
          OPERATOR + "crossEncoder_route_recordsWaiting");

  /** What a comparison finds, and what a busy machine leaves out. */
  private static final Set<String> ANY_NUMBER =
      Set.of(
          OPERATOR + "crossEncoder_quantile_score",
          OPERATOR + "crossEncoder_scoreDrift",
          OPERATOR + "crossEncoder_recordsDropped",
          OPERATOR + "crossEncoder_shadowAgreement",
          OPERATOR + "crossEncoder_shadowIncomparable",
          OPERATOR + "crossEncoder_shadowKendall",
          OPERATOR + "crossEncoder_shadowScoreDifference",
          OPERATOR + "crossEncoder_shadowSpearman");

  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final String NAME = "observed";

  @TempDir static Path folder;
  private static EmbeddedKafka kafka;
  private static TestJobs jobs;

  /** A row of the page. */
  private record Documented(String name, String kind, Set<String> labels) {}

  /** A line of the endpoint. */
  private record Sample(String name, Map<String, String> labels, double value) {}

  @BeforeAll
  static void start() {
    kafka = EmbeddedKafka.start(folder);
    jobs = new TestJobs(kafka);
  }

  @AfterAll
  static void stop() {
    kafka.close();
  }

  @Test
  void everyDocumentedMetricIsThereAndMoves() throws Exception {
    List<Documented> operators = documented("| metric | kind | labels |");
    jobs.createTopics(NAME, 2);
    jobs.topics().create("control", 1, Map.of());
    JobClient job =
        jobs.start(
            NAME,
            options(
                "shadow.model", "demo-rank",
                "shadow.sample", "0.05",
                "cross-encoder.drift.reference", "0.5|0.5,0.5",
                "model.update", "topic",
                "model.control-topic", "control",
                "route", "/model",
                "cross-encoder.models.only.model", "demo-qa",
                "cross-encoder.route.default", "only",
                "input.tombstones", "forward",
                "cross-encoder.cache.max-size", "1 mb",
                "cross-encoder.cascade.model", "demo-qa",
                "cross-encoder.cascade.margin", "1"));
    jobs.topics().send(records(0));
    jobs.topics().awaitCommitted(18, scored(NAME));
    List<Sample> before = scrape();

    jobs.topics().send(TestRecords.good(NAME, 1_000, 3_000));
    await()
        .atMost(DEADLINE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> largest(scrape(), OPERATOR + "crossEncoder_recordsInFlight") > 0);
    jobs.topics().send(records(100));
    jobs.topics().awaitCommitted(2_036, scored(NAME));
    jobs.topics().awaitCommitted(6, dead(NAME));
    // Flink computes rates every five seconds.
    await()
        .atMost(DEADLINE)
        .until(() -> largest(scrape(), OPERATOR + "crossEncoder_pairsScoredPerSecond") >= 1);
    List<Sample> after = scrape();

    for (Documented metric : operators) {
      String series = metric.kind().equals("summary") ? metric.name() + "_count" : metric.name();
      assertThat(labels(after, metric.name()))
          .as("labels of %s", metric.name())
          .containsAll(metric.labels())
          .contains("job_name", "operator_name", "subtask_index", "tm_id", "host");
      if (ANY_NUMBER.contains(metric.name())) {
        continue;
      }
      if (STAYS_ZERO.contains(metric.name())) {
        assertThat(largest(after, series)).as(series).isZero();
      } else if (metric.kind().equals("gauge")) {
        assertThat(largest(after, series))
            .as(series)
            .isGreaterThanOrEqualTo(AT_ANY_TIME_ZERO.contains(series) ? 0 : 1);
      } else {
        assertThat(sum(after, series)).as(series).isGreaterThan(sum(before, series));
      }
    }
    assertThat(names(after, OPERATOR + "crossEncoder_"))
        .as("what the endpoint has and the page has not")
        .isEqualTo(
            operators.stream()
                .map(Documented::name)
                .filter(name -> name.startsWith(OPERATOR + "crossEncoder_"))
                .collect(Collectors.toCollection(TreeSet::new)));
    for (Documented metric : documented("| metric | kind | meaning")) {
      assertThat(labels(after, metric.name())).as(metric.name()).contains("job_name");
    }
    assertThat(after)
        .filteredOn(sample -> sample.name().endsWith("modelInfo"))
        .filteredOn(sample -> "cross_encoder_score".equals(sample.labels().get("operator_name")))
        .hasSize(2)
        .allSatisfy(
            sample ->
                assertThat(sample.labels())
                    .containsEntry("device", "cpu")
                    .containsEntry("model", "demo_qa")
                    .hasEntrySatisfying(
                        "revision",
                        revision -> assertThat(revision).matches("sha256:[0-9a-f]{64}")));
    assertThat(codes(after, "deadLetters"))
        .containsExactlyInAnyOrder("malformed_json", "missing_field");
    assertThat(codes(after, "recordsFailed")).contains("malformed_json", "timeout");
    job.cancel().get(30, TimeUnit.SECONDS);
  }

  /** Returns options, of which Map.of takes no more than ten. */
  private static Map<String, String> options(String... keysAndValues) {
    Map<String, String> options = new TreeMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      options.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    return options;
  }

  /**
   * Twenty records, two malformed, one without a passage and some longer than the model reads, and
   * a tombstone.
   */
  private static List<ProducerRecord<byte[], byte[]>> records(int from) {
    List<ProducerRecord<byte[], byte[]>> records = TestRecords.mixed(NAME, from, from + 20);
    for (int i = 0; i < 2; i++) {
      records.set(
          i,
          TestTopics.record(
              NAME,
              String.valueOf(from + i),
              bytes(
                  "{\"query\": \"How long is it?\", \"passage\": \"%s\"}"
                      .formatted("very ".repeat(700)))));
    }
    records.set(
        2,
        TestTopics.record(NAME, String.valueOf(from + 2), bytes("{\"query\": \"Where is it?\"}")));
    records.add(TestTopics.record(NAME, "tombstone", null));
    return records;
  }

  private static Configuration reporter() {
    return Configuration.fromMap(
        Map.of(
            "metrics.reporter.prometheus.factory.class",
            "org.apache.flink.metrics.prometheus.PrometheusReporterFactory",
            "metrics.reporter.prometheus.port",
            String.valueOf(PORT)));
  }

  private static int freePort() {
    try {
      return ServerPorts.free();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The rows of the table whose header begins so. */
  private static List<Documented> documented(String header) throws IOException {
    List<Documented> metrics = new ArrayList<>();
    boolean inTable = false;
    for (String line : Files.readAllLines(PAGE)) {
      inTable = line.startsWith(header) || (inTable && line.startsWith("|"));
      Matcher row = ROW.matcher(line);
      if (inTable && row.matches()) {
        String name = row.group(1);
        metrics.add(
            new Documented(
                name.startsWith("flink_") ? name : OPERATOR + name,
                row.group(2),
                LABEL
                    .matcher(Objects.requireNonNullElse(row.group(3), ""))
                    .results()
                    .map(label -> label.group(1))
                    .collect(Collectors.toSet())));
      }
    }
    assertThat(metrics).as("metrics of %s", PAGE).hasSizeGreaterThan(5);
    return metrics;
  }

  private static List<Sample> scrape() throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://localhost:%d/metrics".formatted(PORT))).build();
    String body = HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
    List<Sample> samples = new ArrayList<>();
    for (String line : body.lines().toList()) {
      Matcher sample = SAMPLE.matcher(line);
      if (sample.matches()) {
        Map<String, String> labels = new TreeMap<>();
        TAG.matcher(sample.group(2))
            .results()
            .forEach(tag -> labels.put(tag.group(1), tag.group(2)));
        samples.add(new Sample(sample.group(1), labels, Double.parseDouble(sample.group(3))));
      }
    }
    return samples;
  }

  private static double largest(List<Sample> samples, String name) {
    return samples.stream()
        .filter(sample -> sample.name().equals(name))
        .mapToDouble(Sample::value)
        .max()
        .orElse(Double.NaN);
  }

  private static double sum(List<Sample> samples, String name) {
    return samples.stream()
        .filter(sample -> sample.name().equals(name))
        .mapToDouble(Sample::value)
        .sum();
  }

  private static Set<String> labels(List<Sample> samples, String name) {
    return samples.stream()
        .filter(sample -> sample.name().equals(name))
        .flatMap(sample -> sample.labels().keySet().stream())
        .collect(Collectors.toSet());
  }

  /** The metrics with a prefix; of summaries the one that has the quantiles. */
  private static Set<String> names(List<Sample> samples, String prefix) {
    return samples.stream()
        .map(sample -> sample.name().replaceFirst("_count$", ""))
        .filter(name -> name.startsWith(prefix))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> codes(List<Sample> samples, String metric) {
    return samples.stream()
        .filter(sample -> sample.name().endsWith("crossEncoder_code_" + metric))
        .map(sample -> sample.labels().get("code"))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
