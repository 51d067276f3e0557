package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.crossencoder.bundle.Bundle;
import dev.crossencoder.bundle.ModelRepository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.ExceptionUtils;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What each failure leads to: a restart, the end of the job, and what is left of it. */
@Timeout(180)
class CrossEncoderFunctionFailureITCase {
  private static final String NOT_RECOVERABLE = "The failure is not recoverable";

  @RegisterExtension
  static final MiniClusterExtension CLUSTER =
      new MiniClusterExtension(Pipelines.cluster(new Configuration()));

  @TempDir private Path folder;

  @AfterEach
  void noThreadIsLeft() {
    await().untilAsserted(() -> assertThat(Pipelines.scoringThreads()).isEmpty());
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
                .map(new FailingOnce())
                .returns(Scored.typeInformation(Question.TYPE))
                .uid("failing-once"));

    assertThat(FailingOnce.failures).hasValue(1);
    assertThat(results)
        .extracting(scored -> scored.element().id())
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, count).boxed().toList());
    Pipelines.assertScoredBy("demo-qa", results);
  }

  @Test
  void aBugOfTheSelectorFailsTheJob() {
    DataStream<Question> questions = Pipelines.source(Pipelines.environment(1), 3);

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
  void aMissingModelIsTriedAgainAndMayAppear() throws Exception {
    Path bundle = folder.resolve("mounted-later");
    DataStream<Question> questions = Pipelines.source(Pipelines.environment(1, 20), 5);

    List<Scored<Question>> results =
        Pipelines.collect(
            CrossEncoderFunction.score(
                    questions, "relevance", Question::pairs, TestOptions.of(bundle.toString()))
                .map(new MountingAfterAFailure(bundle.toString()))
                .returns(Scored.typeInformation(Question.TYPE))
                .uid("mounting"));

    assertThat(results).hasSize(5);
    Pipelines.assertScoredBy("demo-qa", results);
  }

  @Test
  void aMissingModelIsNamed() {
    Path missing = folder.resolve("missing");

    String trace = failure(TestOptions.of(missing.toString()), 1);

    assertThat(trace)
        .contains(
            "Cannot find the model "
                + missing
                + ". It must be a bundle folder, a checkpoint"
                + " folder, a model of the Hugging Face hub (owner/name), or one of demo-qa,"
                + " demo-nli.")
        .contains("Recovery is suppressed by FixedDelayRestartBackoffTimeStrategy")
        .doesNotContain(NOT_RECOVERABLE);
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
            "Invalid cross-encoder.model.digest: %s. The bundle %s has the digest %s. Pin that one if it is the model you want."
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

  /** Fails once, after the second checkpoint: the source cannot have ended by then. */
  private static final class FailingOnce extends RichMapFunction<Scored<Question>, Scored<Question>>
      implements CheckpointListener {
    private static final long serialVersionUID = 1L;
    private static final AtomicInteger failures = new AtomicInteger();

    private transient int checkpoints;

    @Override
    public Scored<Question> map(Scored<Question> scored) {
      if (checkpoints >= 2 && failures.compareAndSet(0, 1)) {
        throw new IllegalStateException("fails once");
      }
      return scored;
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) {
      checkpoints++;
    }
  }

  /** Provides the model once the job has been restarted. */
  private static final class MountingAfterAFailure
      extends RichMapFunction<Scored<Question>, Scored<Question>> {
    private static final long serialVersionUID = 1L;
    private final String target;

    private MountingAfterAFailure(String target) {
      this.target = target;
    }

    @Override
    public void open(OpenContext context) throws Exception {
      Path bundle = Path.of(target);
      if (getRuntimeContext().getTaskInfo().getAttemptNumber() > 0 && !Files.exists(bundle)) {
        copy(ModelRepository.shared().resolve("demo-qa").folder(), bundle);
      }
    }

    @Override
    public Scored<Question> map(Scored<Question> scored) {
      return scored;
    }
  }
}
