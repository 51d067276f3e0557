package dev.crossencoder.job;

import static dev.crossencoder.job.TestJobs.dead;
import static dev.crossencoder.job.TestJobs.scored;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.crossencoder.kafka.EmbeddedKafka;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Savepoints outlive builds and models. How the recorded one was made says its README. */
@Timeout(120)
class SavepointITCase {
  @RegisterExtension
  static final MiniClusterExtension FLINK = new MiniClusterExtension(TestJobs.cluster());

  private static final Path RECORDED = Path.of("src", "test", "resources", "savepoint");
  private static final Path STATE = RECORDED.resolve("state");
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final int RECORDS = 600;

  /**
   * So few in flight that the savepoint is small, and so many behind them that it is always all.
   */
  private static final Map<String, String> SMALL =
      Map.of(
          "checkpoint.interval", TestJobs.RARELY,
          "cross-encoder.batch.max-pairs", "8",
          "cross-encoder.capacity", "16");

  @TempDir static Path folder;
  private static EmbeddedKafka kafka;
  private static TestJobs jobs;
  private static TestTopics topics;

  @BeforeAll
  static void start() throws Exception {
    if (Boolean.getBoolean("savepoint.write")) {
      start("recording");
      write();
      kafka.close();
    }
    start("kafka");
  }

  private static void start(String name) {
    kafka = EmbeddedKafka.start(folder.resolve(name));
    jobs = new TestJobs(kafka);
    topics = jobs.topics();
  }

  @AfterAll
  static void stop() {
    kafka.close();
  }

  @Test
  void theRecordedSavepointIsRestored() throws Exception {
    restoreRecorded(jobs, Map.of());
  }

  /** Its records in flight have no tag: the model of the options scores them. */
  @Test
  void theRecordedSavepointIsRestoredByAJobThatChangesItsModels() throws Exception {
    try (EmbeddedKafka other = EmbeddedKafka.start(folder.resolve("changing"))) {
      TestJobs changing = new TestJobs(other);
      changing.topics().create("control", 1, Map.of());
      restoreRecorded(changing, Map.of("model.update", "topic", "model.control-topic", "control"));
    }
  }

  private static void restoreRecorded(TestJobs of, Map<String, String> options) throws Exception {
    TestTopics topics = of.topics();
    of.createTopics("recorded", 2);
    topics.send(TestRecords.good("recorded", 0, RECORDS));
    Set<String> emitted = new TreeSet<>(Files.readAllLines(RECORDED.resolve("emitted")));

    // The transactions in it were committed on a broker that is no more.
    Map<String, String> all = new HashMap<>(options);
    all.put("transaction.lost", "continue");
    JobClient job = of.start(TestJobs.from(STATE.toUri().toString()), "recorded", all);

    topics.awaitCommitted(RECORDS - emitted.size(), scored("recorded"));
    job.cancel().get(30, TimeUnit.SECONDS);
    assertThat(emitted).isNotEmpty();
    assertThat(inFlight(STATE)).isNotEmpty().doesNotContainAnyElementsOf(emitted);
    assertThat(topics.countsByKey(scored("recorded"), dead("recorded")))
        .hasSize(RECORDS - emitted.size())
        .allSatisfy((key, count) -> assertThat(count).isOne())
        .doesNotContainKeys(emitted.toArray(String[]::new));
  }

  @Test
  void recordsInFlightAreScoredByTheModelOfTheResumedJob() throws Exception {
    jobs.createTopics("models", 2);
    String savepoint = stopOnTheWay("models");
    Set<String> emitted = topics.countsByKey(scored("models")).keySet();
    assertThat(inFlight(Path.of(URI.create(savepoint))))
        .isNotEmpty()
        .doesNotContainAnyElementsOf(emitted);

    JobClient job =
        jobs.start(TestJobs.from(savepoint), "models", Map.of("cross-encoder.model", "demo-nli"));

    topics.awaitCommitted(RECORDS, scored("models"));
    job.cancel().get(30, TimeUnit.SECONDS);
    assertThat(topics.countsByKey(scored("models"), dead("models")))
        .hasSize(RECORDS)
        .allSatisfy((key, count) -> assertThat(count).isOne());
    assertThat(topics.committed(scored("models")))
        .allSatisfy(
            record ->
                assertThat(TestTopics.value(record))
                    .contains(
                        emitted.contains(TestTopics.key(record))
                            ? "\"model\":\"demo-qa\""
                            : "\"model\":\"demo-nli\""));
  }

  /** Writes the recorded savepoint anew. */
  private static void write() throws Exception {
    jobs.createTopics("recorded", 2);
    Path savepoint = Path.of(URI.create(stopOnTheWay("recorded")));
    Files.createDirectories(STATE);
    for (Path file : files(STATE)) {
      Files.delete(file);
    }
    for (Path file : files(savepoint)) {
      Files.copy(file, STATE.resolve(file.getFileName()));
    }
    Files.write(RECORDED.resolve("emitted"), topics.countsByKey(scored("recorded")).keySet());
  }

  /** Stops a job that has scored some of its records, and returns where its savepoint is. */
  private static String stopOnTheWay(String name) throws Exception {
    topics.send(TestRecords.good(name, 0, RECORDS));
    JobClient job = jobs.start(TestJobs.environment(), name, SMALL);
    await().atMost(DEADLINE).until(() -> topics.written(scored(name)).size() > 50);
    String savepoint = jobs.stopWithSavepoint(job, folder);
    assertThat(topics.committed(scored(name))).hasSizeBetween(51, RECORDS - 1);
    return savepoint;
  }

  /** The ids of records whose texts are in a savepoint. */
  private static Set<String> inFlight(Path savepoint) throws IOException {
    StringBuilder state = new StringBuilder();
    for (Path file : files(savepoint)) {
      state.append(Files.readString(file, StandardCharsets.ISO_8859_1));
    }
    return IntStream.range(0, RECORDS)
        .filter(id -> state.indexOf("\"id\": \"%d\"".formatted(id)) >= 0)
        .mapToObj(String::valueOf)
        .collect(Collectors.toSet());
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}
