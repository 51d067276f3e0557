package dev.crossencoder.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.crossencoder.cluster.SessionCluster;
import dev.crossencoder.kafka.EmbeddedKafka;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The job jar on a session cluster of separate JVMs. The tests share one TaskManager, whose native
 * libraries outlive the class loaders of the jobs, and so run in their order.
 */
@Timeout(180)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SessionClusterITCase {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final Path JOB_JAR = Path.of(System.getProperty("job.jar"));

  @TempDir static Path folder;
  private static EmbeddedKafka kafka;
  private static SessionCluster cluster;

  @BeforeAll
  static void start() throws Exception {
    kafka = EmbeddedKafka.start(folder.resolve("kafka"));
    cluster = SessionCluster.start(folder.resolve("flink"), FlinkLib.withDemoModels(), 1, Map.of());
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
    kafka.close();
  }

  @Test
  @Order(1)
  @Tag("full")
  void aBoundedRunScoresAllRecordsAndEnds() throws Exception {
    new TestJobs(kafka).createTopics("first", 2);
    TestTopics topics = new TestTopics(kafka.bootstrapServers());
    topics.send(TestRecords.mixed("first", 0, 200));

    SessionCluster.Run run = flinkRun(List.of(), jobArguments("first", "--until", "latest"));

    assertThat(run.exitCode()).as(run.output() + cluster).isZero();
    assertThat(topics.countsByKey("first-scored", "first-dead")).isEqualTo(once(200));
    assertThat(topics.committed("first-scored")).hasSize(180);
    assertThat(topics.committed("first-scored"))
        .allSatisfy(
            record ->
                assertThat(TestTopics.value(record))
                    .contains("\"cross_encoder\":{\"model\":\"demo-qa\",\"revision\":\"sha256:"));
  }

  @Test
  @Order(2)
  @Tag("full")
  void aSecondSubmissionSurvivesAForcedFailure() throws Exception {
    new TestJobs(kafka).createTopics("second", 2);
    TestTopics topics = new TestTopics(kafka.bootstrapServers());
    SessionCluster.Run run =
        flinkRun(
            List.of("-d"),
            jobArguments(
                "second",
                "--kafka=request.timeout.ms=1000",
                "--kafka=delivery.timeout.ms=2000",
                "--kafka=max.block.ms=2000"));
    assertThat(run.exitCode()).as(run.output() + cluster).isZero();
    String job = run.jobId();
    awaitRunning(job);
    topics.send(TestRecords.mixed("second", 0, 100));
    await().atMost(DEADLINE).until(() -> topics.countsByKey("second-scored").size() == 90);

    // A broker that is away for longer than the producers wait fails the sinks.
    kafka.close();
    await().atMost(DEADLINE).until(() -> cluster.rest().restarts(job) > 0);
    kafka = EmbeddedKafka.start(folder.resolve("kafka"), kafka.port(), Map.of());
    awaitRunning(job);
    topics.send(TestRecords.mixed("second", 100, 200));

    await()
        .atMost(DEADLINE)
        .untilAsserted(
            () ->
                assertThat(topics.countsByKey("second-scored", "second-dead"))
                    .isEqualTo(once(200)));
    assertThat(cluster.rest().restarts(job)).isPositive();
    cluster.checkAlive();
    cluster.rest().cancel(job);
    await().atMost(DEADLINE).until(() -> cluster.rest().state(job).equals("CANCELED"));
    assertThat(topics.countsByKey("second-scored", "second-dead")).isEqualTo(once(200));
  }

  @Test
  @Order(3)
  void anInvalidOptionIsRefusedBeforeTheJobIsSubmitted() throws Exception {
    SessionCluster.Run run =
        flinkRun(List.of("-d"), jobArguments("first", "--distribution", "sideways"));

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.output()).contains("Invalid distribution: ").contains("sideways");
    assertThat(run.output()).doesNotContain("Job has been submitted");
  }

  private static List<String> jobArguments(String name, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--bootstrap-servers",
                kafka.bootstrapServers(),
                "--input-topic",
                name,
                "--output-topic",
                name + "-scored",
                "--dead-letter-topic",
                name + "-dead",
                "--job-name",
                name,
                "--model",
                "demo-qa",
                "--checkpoint-interval",
                "500ms",
                "--parallelism",
                "2"));
    arguments.addAll(List.of(more));
    return arguments;
  }

  private static SessionCluster.Run flinkRun(List<String> flinkArguments, List<String> jobArguments)
      throws Exception {
    List<String> arguments = new ArrayList<>(flinkArguments);
    arguments.add(JOB_JAR.toString());
    arguments.addAll(jobArguments);
    return cluster.flinkRun(arguments);
  }

  private static void awaitRunning(String job) {
    await()
        .atMost(DEADLINE)
        .pollInterval(Duration.ofMillis(200))
        .untilAsserted(
            () -> assertThat(cluster.rest().isRunning(job)).as(whyNotRunning(job)).isTrue());
  }

  private static String whyNotRunning(String job) throws IOException, InterruptedException {
    return cluster.rest().failures(job) + "\n" + cluster;
  }

  private static Map<String, Integer> once(int count) {
    return IntStream.range(0, count).boxed().collect(Collectors.toMap(String::valueOf, id -> 1));
  }
}
