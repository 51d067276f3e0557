package dev.crossencoder.job;

import static dev.crossencoder.job.TestJobs.dead;
import static dev.crossencoder.job.TestJobs.scored;
import static dev.crossencoder.job.TestTopics.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.crossencoder.job.change.ControlTopic;
import dev.crossencoder.job.change.ModelStatus;
import dev.crossencoder.job.change.ModelStatus.State;
import dev.crossencoder.kafka.EmbeddedKafka;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.repository.ModelRepository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Models that change while the job runs, by messages and by watching. */
@Timeout(180)
class LiveModelsITCase {
  @RegisterExtension
  static final MiniClusterExtension FLINK = new MiniClusterExtension(TestJobs.cluster());

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  @TempDir static Path folder;
  private static EmbeddedKafka kafka;
  private static TestJobs jobs;
  private static TestTopics topics;

  @BeforeAll
  static void start() {
    kafka = EmbeddedKafka.start(folder.resolve("kafka"));
    jobs = new TestJobs(kafka);
    topics = jobs.topics();
  }

  @AfterAll
  static void stop() {
    kafka.close();
  }

  private static String control(String name) {
    return name + "-control";
  }

  private static Map<String, String> live(String name) {
    Map<String, String> options = new HashMap<>();
    options.put("model.update", "topic");
    options.put("model.control-topic", control(name));
    options.put("cross-encoder.model-wait", "0s");
    options.put("cross-encoder.capacity", "64");
    options.put("cross-encoder.batch.max-pairs", "16");
    return options;
  }

  private static void createTopics(String name) throws Exception {
    jobs.createTopics(name, 2);
    topics.create(control(name), 1, Map.of("cleanup.policy", "compact"));
  }

  private static void ask(String name, String message) throws Exception {
    topics.send(List.of(new ProducerRecord<>(control(name), bytes(""), bytes(message))));
  }

  private static ModelStatus awaitStatus(String name, String model, State state) {
    return awaitStatus(name, "", model, state);
  }

  private static ModelStatus awaitStatus(String name, String of, String model, State state) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", kafka.bootstrapServers());
    try (ControlTopic topic = new ControlTopic(properties, control(name))) {
      return await()
          .atMost(DEADLINE)
          .pollInterval(Duration.ofMillis(200))
          .until(
              () -> topic.statuses().get(of),
              status ->
                  status != null
                      && status.state() == state
                      && model.equals(
                          state == State.ACTIVE
                              ? status.active().model()
                              : status.candidate().model()));
    }
  }

  private static String digest(String model) {
    return ModelRepository.shared().resolve(model).digest();
  }

  /** Sends records to both partitions, some every few milliseconds, until it is closed. */
  private static final class Load implements AutoCloseable {
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final CompletableFuture<Integer> sent;

    Load(String topic) {
      sent =
          CompletableFuture.supplyAsync(
              () -> {
                int id = 0;
                try {
                  while (!stopped.get()) {
                    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
                    for (int i = 0; i < 4; i++) {
                      records.add(
                          new ProducerRecord<>(
                              topic, id % 2, bytes(String.valueOf(id)), TestRecords.value(id)));
                      id++;
                    }
                    topics.send(records);
                    TimeUnit.MILLISECONDS.sleep(30);
                  }
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
                return id;
              },
              // The common pool has one thread here, and others need it.
              body -> new Thread(body, "load").start());
    }

    int stop() {
      stopped.set(true);
      return sent.join();
    }

    @Override
    public void close() {
      stopped.set(true);
    }
  }

  /** Returns the digests in each partition, in the order of the results, each run once. */
  private static List<List<String>> revisions(String topic) throws Exception {
    Map<Integer, List<String>> byPartition = new TreeMap<>();
    for (ConsumerRecord<byte[], byte[]> result : topics.committed(topic)) {
      String revision = JSON.readTree(result.value()).at("/cross_encoder/revision").asText();
      List<String> seen =
          byPartition.computeIfAbsent(result.partition(), unused -> new ArrayList<>());
      if (seen.isEmpty() || !seen.get(seen.size() - 1).equals(revision)) {
        seen.add(revision);
      }
    }
    return List.copyOf(byPartition.values());
  }

  private static void assertOnceEach(String name, int count) {
    topics.awaitCommitted(count, scored(name));
    assertThat(topics.countsByKey(scored(name), dead(name)))
        .hasSize(count)
        .allSatisfy((key, times) -> assertThat(times).isOne());
  }

  private static void awaitResultsOf(String name, String digest) {
    await()
        .atMost(DEADLINE)
        .until(
            () ->
                revisions(scored(name)).size() == 2
                    && revisions(scored(name)).stream()
                        .allMatch(each -> each.get(each.size() - 1).equals(digest)));
  }

  @Test
  void aMessageChangesTheModelBetweenTwoRecordsOfAPartition() throws Exception {
    createTopics("message");
    JobClient job = jobs.start("message", live("message"));
    int sent;
    try (Load load = new Load("message")) {
      ModelStatus begun = awaitStatus("message", "demo-qa", State.ACTIVE);
      assertThat(begun.active().digest()).isEqualTo(digest("demo-qa"));
      assertThat(begun.subtasks()).isEqualTo(2);
      awaitResultsOf("message", digest("demo-qa"));

      ask("message", "{\"model\":\"demo-rank\"}");
      ModelStatus changed = awaitStatus("message", "demo-rank", State.ACTIVE);
      assertThat(changed.previous().digest()).isEqualTo(digest("demo-qa"));
      awaitResultsOf("message", digest("demo-rank"));

      // One message leads back.
      ask("message", "{\"model\":\"demo-qa\",\"digest\":\"%s\"}".formatted(digest("demo-qa")));
      awaitStatus("message", "demo-qa", State.ACTIVE);
      awaitResultsOf("message", digest("demo-qa"));
      sent = load.stop();
    }

    assertOnceEach("message", sent);
    job.cancel().get(30, TimeUnit.SECONDS);
    assertThat(revisions(scored("message")))
        .hasSize(2)
        .allSatisfy(
            each ->
                assertThat(each)
                    .containsExactly(digest("demo-qa"), digest("demo-rank"), digest("demo-qa")));
    for (ConsumerRecord<byte[], byte[]> result : topics.committed(scored("message"))) {
      JsonNode member = JSON.readTree(result.value()).get("cross_encoder");
      assertThat(member.get("revision").asText()).isEqualTo(digest(member.get("model").asText()));
    }
  }

  @Test
  void whatCannotBeUsedChangesNothing() throws Exception {
    createTopics("refused");
    Path damaged = copy("demo-rank", folder.resolve("damaged"));
    Files.write(damaged.resolve("model.pt"), new byte[10]);
    JobClient job = jobs.start("refused", live("refused"));
    int sent;
    try (Load load = new Load("refused")) {
      awaitStatus("refused", "demo-qa", State.ACTIVE);

      ask("refused", "{\"model\":");
      ask("refused", "[1]");
      ask("refused", "{\"model\":\"demo-rank\",\"digits\":1}");
      topics.send(
          List.of(
              new ProducerRecord<>(
                  control("refused"), bytes("other"), bytes("{\"model\":\"demo-rank\"}"))));
      ask("refused", "{\"model\":\"/no/such/folder\"}");
      assertThat(awaitStatus("refused", "/no/such/folder", State.FAILED).message())
          .contains("Cannot find the model /no/such/folder");
      ask("refused", "{\"model\":\"%s\"}".formatted(damaged));
      assertThat(awaitStatus("refused", damaged.toString(), State.FAILED).message())
          .contains("model.pt has SHA-256");
      ask(
          "refused",
          "{\"model\":\"demo-rank\",\"digest\":\"sha256:%s\"}".formatted("0".repeat(64)));
      assertThat(awaitStatus("refused", "demo-rank", State.FAILED).message())
          .contains("has the digest " + digest("demo-rank"));

      // After all of these, a good one still works.
      ask("refused", "{\"model\":\"demo-rank\"}");
      awaitStatus("refused", "demo-rank", State.ACTIVE);
      awaitResultsOf("refused", digest("demo-rank"));
      sent = load.stop();
    }

    assertOnceEach("refused", sent);
    job.cancel().get(30, TimeUnit.SECONDS);
    assertThat(revisions(scored("refused")))
        .allSatisfy(
            each -> assertThat(each).containsExactly(digest("demo-qa"), digest("demo-rank")));
  }

  /** A savepoint has the revision in use, and the revisions of the records in flight. */
  @Test
  void aSavepointGoesOnWithTheRevisionInUse() throws Exception {
    createTopics("savepoint");
    JobClient job = jobs.start("savepoint", live("savepoint"));
    int sent;
    String savepoint;
    JobClient resumed;
    try (Load load = new Load("savepoint")) {
      awaitStatus("savepoint", "demo-qa", State.ACTIVE);
      awaitResultsOf("savepoint", digest("demo-qa"));
      ask("savepoint", "{\"model\":\"demo-rank\"}");
      awaitStatus("savepoint", "demo-rank", State.ACTIVE);
      savepoint = jobs.stopWithSavepoint(job, folder);

      Map<String, String> four = live("savepoint");
      four.put("parallelism", "1");
      resumed = jobs.start(TestJobs.from(savepoint), "savepoint", four);
      awaitResultsOf("savepoint", digest("demo-rank"));
      sent = load.stop();
    }

    assertOnceEach("savepoint", sent);
    resumed.cancel().get(30, TimeUnit.SECONDS);
    assertThat(revisions(scored("savepoint")))
        .allSatisfy(
            each -> assertThat(each).containsExactly(digest("demo-qa"), digest("demo-rank")));
  }

  @Test
  void aJobWithoutChangesCanGoOnFromASavepointOfOneWithChanges() throws Exception {
    createTopics("ended");
    JobClient job = jobs.start("ended", live("ended"));
    topics.send(TestRecords.good("ended", 0, 200));
    awaitStatus("ended", "demo-qa", State.ACTIVE);
    ask("ended", "{\"model\":\"demo-rank\"}");
    awaitStatus("ended", "demo-rank", State.ACTIVE);
    String savepoint = jobs.stopWithSavepoint(job, folder);

    topics.send(TestRecords.good("ended", 200, 300));
    JobClient resumed = jobs.start(TestJobs.from(savepoint), "ended", Map.of());
    assertOnceEach("ended", 300);
    resumed.cancel().get(30, TimeUnit.SECONDS);

    assertThat(topics.committed(scored("ended")))
        .filteredOn(result -> Integer.parseInt(TestTopics.key(result)) >= 200)
        .allSatisfy(
            result -> assertThat(TestTopics.value(result)).contains("\"model\":\"demo-qa\""));
  }

  @Test
  void eachOfSeveralModelsChangesAlone() throws Exception {
    createTopics("named");
    Map<String, String> options = live("named");
    options.put("cross-encoder.models.a.model", "demo-qa");
    options.put("cross-encoder.models.b.model", "demo-qa");
    options.put("route", "/to");
    JobClient job = jobs.start("named", options);
    awaitStatus("named", "a", "demo-qa", State.ACTIVE);
    awaitStatus("named", "b", "demo-qa", State.ACTIVE);

    topics.send(
        List.of(
            new ProducerRecord<>(
                control("named"), bytes("b"), bytes("{\"name\":\"b\",\"model\":\"demo-rank\"}"))));
    awaitStatus("named", "b", "demo-rank", State.ACTIVE);
    TimeUnit.MILLISECONDS.sleep(500);
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int id = 0; id < 20; id++) {
      String value =
          "{\"to\":\"%s\",\"query\":\"q\",\"passage\":\"p\"}".formatted(id % 3 == 0 ? "a" : "b");
      records.add(new ProducerRecord<>("named", id % 2, bytes(String.valueOf(id)), bytes(value)));
    }
    topics.send(records);
    assertOnceEach("named", 20);
    job.cancel().get(30, TimeUnit.SECONDS);

    for (ConsumerRecord<byte[], byte[]> result : topics.committed(scored("named"))) {
      JsonNode value = JSON.readTree(result.value());
      assertThat(value.at("/cross_encoder/model").asText())
          .isEqualTo(value.get("to").asText().equals("a") ? "demo-qa" : "demo-rank");
    }
  }

  @Test
  void aSymbolicLinkThatGetsAnotherTargetChangesTheModel() throws Exception {
    jobs.createTopics("watched", 2);
    Path one = copy("demo-qa", folder.resolve("one"));
    Path two = copy("demo-rank", folder.resolve("two"));
    Path link = Files.createSymbolicLink(folder.resolve("current"), one);
    Map<String, String> options = new HashMap<>();
    options.put("model.update", "poll");
    options.put("model.poll-interval", "1s");
    options.put("cross-encoder.model", link.toString());
    JobClient job = jobs.start("watched", options);
    int sent;
    try (Load load = new Load("watched")) {
      awaitResultsOf("watched", digest("demo-qa"));
      TimeUnit.SECONDS.sleep(2);

      Path next = Files.createSymbolicLink(folder.resolve("next"), two);
      Files.move(next, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);

      awaitResultsOf("watched", digest("demo-rank"));
      sent = load.stop();
    }
    assertOnceEach("watched", sent);
    job.cancel().get(30, TimeUnit.SECONDS);
    assertThat(revisions(scored("watched")))
        .allSatisfy(
            each -> assertThat(each).containsExactly(digest("demo-qa"), digest("demo-rank")));
  }

  /** Records go from each source to all subtasks that score, which are other tasks. */
  @Test
  void aModelChangesWhileRecordsAreRebalanced() throws Exception {
    createTopics("rebalanced");
    Map<String, String> options = live("rebalanced");
    options.put("distribution", "rebalance");
    JobClient job = jobs.start("rebalanced", options);
    int sent;
    try (Load load = new Load("rebalanced")) {
      awaitStatus("rebalanced", "demo-qa", State.ACTIVE);
      ask("rebalanced", "{\"model\":\"demo-rank\"}");
      awaitStatus("rebalanced", "demo-rank", State.ACTIVE);
      awaitResultsOf("rebalanced", digest("demo-rank"));
      sent = load.stop();
    }
    assertOnceEach("rebalanced", sent);
    job.cancel().get(30, TimeUnit.SECONDS);
  }

  @Test
  void twoJobsInOneTaskManagerHaveRevisionsOfTheirOwn() throws Exception {
    List<JobClient> running = new ArrayList<>();
    for (String name : List.of("left", "right")) {
      createTopics(name);
      Map<String, String> options = live(name);
      options.put("parallelism", "1");
      running.add(jobs.start(name, options));
      awaitStatus(name, "demo-qa", State.ACTIVE);
    }

    ask("left", "{\"model\":\"demo-rank\"}");
    awaitStatus("left", "demo-rank", State.ACTIVE);
    TimeUnit.MILLISECONDS.sleep(500);
    for (String name : List.of("left", "right")) {
      topics.send(TestRecords.good(name, 0, 30));
      assertOnceEach(name, 30);
      assertThat(revisions(scored(name)))
          .allSatisfy(
              each ->
                  assertThat(each)
                      .containsExactly(digest(name.equals("left") ? "demo-rank" : "demo-qa")));
    }
    for (JobClient job : running) {
      job.cancel().get(30, TimeUnit.SECONDS);
    }
  }

  /** Flink's file system of local files stands in for an object store. */
  @Test
  void aModelCanBeInAFileSystemOfFlink() throws Exception {
    createTopics("store");
    Path stored = copy("demo-rank", folder.resolve("stored"));
    JobClient job = jobs.start("store", live("store"));
    awaitStatus("store", "demo-qa", State.ACTIVE);

    ask("store", "{\"model\":\"file://%s\"}".formatted(stored));

    assertThat(awaitStatus("store", "file://" + stored, State.ACTIVE).active().digest())
        .isEqualTo(digest("demo-rank"));
    job.cancel().get(30, TimeUnit.SECONDS);
  }

  private static Path copy(String model, Path target) throws Exception {
    Bundle bundle = ModelRepository.shared().resolve(model);
    Files.createDirectories(target);
    try (var files = Files.list(bundle.folder())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, target.resolve(file.getFileName()));
      }
    }
    return target;
  }
}
