package dev.crossencoder.operator;

import static dev.crossencoder.operator.Pipelines.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.repository.ModelRepository;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.testutils.logging.LoggerAuditingExtension;
import org.apache.flink.util.CloseableIterator;
import org.apache.flink.util.ExceptionUtils;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.event.Level;

/** What each failure leads to: a restart, the end of the job, and what is left of it. */
@Timeout(180)
class CrossEncoderFunctionFailureITCase {
  private static final String NOT_RECOVERABLE = "The failure is not recoverable";

  @RegisterExtension
  static final MiniClusterExtension CLUSTER =
      new MiniClusterExtension(Pipelines.cluster(new Configuration()));

  @RegisterExtension
  private final LoggerAuditingExtension log =
      new LoggerAuditingExtension(ModelWait.class, Level.WARN);

  @TempDir private Path folder;

  @AfterEach
  void noThreadIsLeft() {
    eventually().untilAsserted(() -> assertThat(Pipelines.scoringThreads()).isEmpty());
  }

  @Test
  void afterARestartEveryRecordIsScoredExactlyOnce() throws Exception {
    int count = 160;
    DataStream<Question> questions =
        Pipelines.environment(2, 5)
            .fromSource(
                new DataGeneratorSource<>(
                    index -> Question.of(index.intValue()),
                    count,
                    RateLimiterStrategy.perCheckpoint(count / 4),
                    Question.TYPE),
                WatermarkStrategy.noWatermarks(),
                "questions")
            .uid("questions");
    FailingOnce.failures.set(0);

    List<Scored<Question>> results =
        Pipelines.collect(
            CrossEncoderFunction.score(
                    questions, "relevance", Question::pairs, TestOptions.of("demo-qa"))
                .map(new FailingOnce<>())
                .returns(Scored.typeInformation(Question.TYPE))
                .uid("failing-once"));

    assertThat(FailingOnce.failures).hasValue(1);
    assertThat(results)
        .extracting(scored -> scored.element().id())
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, count).boxed().toList());
    Pipelines.assertScoredBy("demo-qa", results);
  }

  /** Whatever the tokenizer reads of a text before it knows its length. */
  @Test
  void aPairThatTheTruncationCannotMakeFitBecomesAFailure() throws Exception {
    DataStream<Question> questions = Pipelines.source(Pipelines.environment(1), 6);
    Configuration options =
        TestOptions.withText(CrossEncoderFunctionOptions.TRUNCATION, "only_second");

    List<Scored<Question>> results =
        Pipelines.collect(
            CrossEncoderFunction.score(
                questions,
                "relevance",
                question ->
                    List.of(
                        new TextPair(
                            "word ".repeat(question.id() % 2 == 0 ? 3 : 3000), "an answer"),
                        new TextPair("a query", "word ".repeat(3000))),
                options));

    assertThat(results).hasSize(6);
    for (Scored<Question> result : results) {
      if (result.element().id() % 2 == 0) {
        assertThat(result.failure()).isNull();
        assertThat(result.scores().get(1).truncated()).isTrue();
      } else {
        assertThat(result.failure().code()).isEqualTo(Failure.PAIR_TOO_LONG);
        assertThat(result.failure().message())
            .startsWith("Pair 0 of the record: The pair does not fit: its first text has at least ")
            .doesNotContain("word");
      }
    }
  }

  @Test
  void softmaxOverOneLabelEndsTheJobWithWhatToChoose() {
    Configuration options = TestOptions.withText(CrossEncoderFunctionOptions.ACTIVATION, "softmax");

    assertThat(failure(options, 5))
        .contains("Cannot score with demo-qa, softmax over its one label is 1 for every pair.")
        .contains(NOT_RECOVERABLE);
  }

  @Test
  void aPromptThatTheModelDoesNotHaveEndsTheJob() {
    Configuration options = TestOptions.with(CrossEncoderFunctionOptions.PROMPT_NAME, "query");

    assertThat(failure(options, 5))
        .contains("Invalid prompt name: query. The model demo-qa has no prompts.")
        .contains(NOT_RECOVERABLE);
  }

  @Test
  void aBugOfTheSelectorFailsTheJob() {
    DataStream<Question> questions =
        Pipelines.source(Pipelines.environment(1), Pipelines.MORE_THAN_ARE_READ);

    assertThatThrownBy(
            () ->
                Pipelines.collect(
                    CrossEncoderFunction.score(
                        questions,
                        "relevance",
                        question -> {
                          throw new IllegalStateException("the selector has a bug");
                        },
                        TestOptions.of("demo-qa"))))
        .hasRootCauseInstanceOf(IllegalStateException.class)
        .hasRootCauseMessage("the selector has a bug");
  }

  @Test
  void aModelThatAppearsLateIsWaitedForWithoutARestart() throws Exception {
    Path bundle = folder.resolve("mounted-later");
    StreamExecutionEnvironment environment = Pipelines.environment(1);
    SingleOutputStreamOperator<Scored<Question>> scored =
        CrossEncoderFunction.score(
            Pipelines.source(environment, 5),
            "relevance",
            Question::pairs,
            TestOptions.of(bundle.toString()));
    CloseableIterator<Scored<Question>> iterator = scored.collectAsync();
    JobClient job = environment.executeAsync("late");
    eventually().until(() -> !log.getMessages().isEmpty());
    assertThat(log.getMessages())
        .singleElement()
        .asString()
        .contains("Cannot get the model " + bundle + " yet, the task retries for 2 min");

    Path whole = folder.resolve("whole");
    copy(ModelRepository.shared().resolve("demo-qa").folder(), whole);
    Files.move(whole, bundle);

    List<Scored<Question>> results = new ArrayList<>();
    iterator.forEachRemaining(results::add);
    iterator.close();
    job.getJobExecutionResult().get(30, TimeUnit.SECONDS);
    assertThat(results).hasSize(5);
    Pipelines.assertScoredBy("demo-qa", results);
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "fixed-delay"})
  void aModelThatDoesNotAppearEndsTheJobAndIsNamedWithItsHost(String restarts) throws Exception {
    Path missing = folder.resolve("missing");
    Configuration options = TestOptions.of(missing.toString());
    options.set(CrossEncoderFunctionOptions.MODEL_WAIT, Duration.ofSeconds(1));

    String trace = failure(options, restarts.equals("none") ? 0 : 10);

    assertThat(trace)
        .contains(
            "Cannot get the model "
                + missing
                + " on the TaskManager at "
                + InetAddress.getLocalHost().getHostName()
                + ", although the task retried for 1 s: Cannot find the model "
                + missing
                + ". It must be a bundle folder, a checkpoint"
                + " folder, a model of the Hugging Face hub (owner/name), or one of demo-rank,"
                + " demo-qa, demo-nli. Make it available there and start the job again, or raise cross-encoder.model-wait.")
        .contains(NOT_RECOVERABLE);
  }

  @Test
  void aTaskThatWaitsForAModelCanBeCancelled() throws Exception {
    Configuration options = TestOptions.of(folder.resolve("missing").toString());
    options.set(CrossEncoderFunctionOptions.MODEL_WAIT, Duration.ofDays(1));
    StreamExecutionEnvironment environment = Pipelines.environment(1);
    CrossEncoderFunction.score(
            Pipelines.source(environment, 5), "relevance", Question::pairs, options)
        .sinkTo(new DiscardingSink<>())
        .uid("nowhere");
    JobClient job = environment.executeAsync("waiting");
    eventually().until(() -> !log.getMessages().isEmpty());

    job.cancel().get(20, TimeUnit.SECONDS);

    eventually().until(() -> job.getJobStatus().get(), JobStatus.CANCELED::equals);
  }

  @Test
  void aDamagedModelFailsTheJobWithoutARestart() throws Exception {
    Path bundle = folder.resolve("damaged");
    copy(ModelRepository.shared().resolve("demo-qa").folder(), bundle);
    byte[] tokenizer = Files.readAllBytes(bundle.resolve("tokenizer.json"));
    tokenizer[tokenizer.length / 2] ^= 1;
    Files.write(bundle.resolve("tokenizer.json"), tokenizer);

    String trace = failure(TestOptions.of(bundle.toString()), 10);

    assertThat(trace)
        .contains("Cannot use bundle " + bundle + ", tokenizer.json has SHA-256 ")
        .contains(NOT_RECOVERABLE);
  }

  @Test
  void anotherDigestThanThePinnedOneFailsTheJobWithoutARestart() {
    Bundle bundle = ModelRepository.shared().resolve("demo-qa");
    String pinned = "sha256:" + "0".repeat(64);

    String trace = failure(TestOptions.with(CrossEncoderFunctionOptions.MODEL_DIGEST, pinned), 10);

    assertThat(trace)
        .contains(
            "Invalid cross-encoder.model-digest: %s. The bundle %s has the digest %s. Pin that one if it is the model you want."
                .formatted(pinned, bundle.folder(), bundle.digest()))
        .contains(NOT_RECOVERABLE);
  }

  @Test
  void thePinnedDigestIsAccepted() throws Exception {
    String digest = ModelRepository.shared().resolve("demo-qa").digest();
    DataStream<Question> questions = Pipelines.source(Pipelines.environment(1), 2);

    assertThat(
            Pipelines.collect(
                CrossEncoderFunction.score(
                    questions,
                    "relevance",
                    Question::pairs,
                    TestOptions.with(CrossEncoderFunctionOptions.MODEL_DIGEST, digest))))
        .hasSize(2);
  }

  @Test
  void aLengthThatTheModelCannotReadFailsTheJobWithoutARestart() {
    String trace = failure(TestOptions.with(CrossEncoderFunctionOptions.MAX_LENGTH, 100_000), 10);

    assertThat(trace).contains("Invalid max length: 100000").contains(NOT_RECOVERABLE);
  }

  @Test
  void anInvalidOptionIsRefusedBeforeSubmission() {
    DataStream<Question> questions = Pipelines.source(Pipelines.environment(1), 1);
    Configuration options = TestOptions.with(CrossEncoderFunctionOptions.CAPACITY, 1);

    assertThatThrownBy(
            () -> CrossEncoderFunction.score(questions, "relevance", Question::pairs, options))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageStartingWith("Invalid cross-encoder.capacity: 1. ");
  }

  /** Runs a job that fails, and returns the whole stack trace. */
  private static String failure(Configuration options, int restarts) {
    DataStream<Question> questions = Pipelines.source(Pipelines.environment(1, restarts), 3);
    ThrowingCallable run =
        () ->
            Pipelines.collect(
                CrossEncoderFunction.score(questions, "relevance", Question::pairs, options));
    return ExceptionUtils.stringifyException(catchThrowable(run));
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }
}
