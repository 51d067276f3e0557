package dev.crossencoder.model.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.crossencoder.model.BatchLimits;
import dev.crossencoder.model.Device;
import dev.crossencoder.model.DeviceOutOfMemoryException;
import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.RankedPassage;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.compiler.BundleBuilder;
import dev.crossencoder.model.engine.FakeEngine;
import dev.crossencoder.model.engine.PackedBatch;
import dev.crossencoder.model.engine.ScoringThreads;
import dev.crossencoder.model.testing.TinyCheckpoint;
import dev.crossencoder.model.tokenizer.PairEncoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a cross-encoder makes of what its engine says, and how the two end together. */
@Timeout(60)
class CrossEncoderEngineTest {
  private static final TextPair PAIR = new TextPair("who wrote it?", "the book");

  @TempDir private Path folder;
  private Bundle bundle;
  private CrossEncoder model;

  @BeforeEach
  void buildABundle() throws IOException {
    Path checkpoint =
        TinyCheckpoint.withLabels("no", "yes", "maybe").writeTo(folder.resolve("checkpoint"));
    bundle = BundleBuilder.fromCheckpoint(checkpoint).build(folder.resolve("bundle"));
  }

  @AfterEach
  void close() {
    if (model != null) {
      model.close();
    }
  }

  @Test
  void theWinnerIsTheLabelWithTheLargestLogit() {
    open(new FakeEngine(batch -> rows(batch, -3, 2, 1)));

    Score score = model.score(PAIR);

    assertThat(score.label()).isEqualTo("yes");
    assertThat(score.score()).isEqualTo(2);
  }

  @Test
  void ofEqualLogitsTheFirstWins() {
    open(new FakeEngine(batch -> rows(batch, 1, 2, 2)));

    assertThat(model.score(PAIR).label()).isEqualTo("yes");
  }

  @Test
  void aLogitThatIsNotANumberIsToldFromAScore() {
    open(new FakeEngine(batch -> rows(batch, 1, Float.NaN, 2)));

    assertThat(model.score(PAIR).isFinite()).isFalse();
  }

  @Test
  void aPassageWhoseScoreIsNoNumberIsRankedLast() throws IOException {
    bundle =
        BundleBuilder.fromCheckpoint(TinyCheckpoint.create().writeTo(folder.resolve("one-label")))
            .build(folder.resolve("one-label-bundle"));
    open(new FakeEngine(batch -> new float[][] {{Float.NaN}, {-3}, {2}}));

    assertThat(model.rank("q", List.of("a", "b", "c"), 3))
        .extracting(RankedPassage::corpusId)
        .containsExactly(2, 1, 0);
  }

  @Test
  void aProgramWithAnotherNumberOfLogitsIsRefused() {
    open(new FakeEngine(batch -> rows(batch, 1, 2)));

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> model.score(PAIR))
        .withMessage(
            "Cannot use bundle %s, its program returns 2 logits per pair and its manifest has 3 labels.",
            bundle.folder());
  }

  @Test
  void aDeviceOutOfMemoryIsTheCallersToHandle() {
    open(
        new FakeEngine(
            batch -> {
              throw new DeviceOutOfMemoryException("Cannot score, no memory", null);
            }));

    assertThatExceptionOfType(DeviceOutOfMemoryException.class)
        .isThrownBy(() -> model.score(PAIR))
        .withMessage("Cannot score, no memory");
  }

  @Test
  void aPackedBatchHoldsThePairsOneAfterTheOther() {
    FakeEngine engine = open(new FakeEngine(batch -> rows(batch, 1, 2, 3)));
    EncodedPair longer = model.encode(PAIR);
    EncodedPair empty = model.encode(new TextPair("", ""));

    model.scoreBatch(List.of(longer, empty));

    int length = longer.length();
    PackedBatch packed = engine.lastBatch();
    assertThat(packed.offsets()).containsExactly(0, length, length + 3L);
    assertThat(packed.inputIds()).endsWith(2, 3, 3).hasSize(length + 3);
    assertThat(packed.tokenTypeIds()).endsWith(1, 0, 0, 1).hasSize(length + 3);
    assertThat(packed.positionIds()).startsWith(0, 1, 2).endsWith(length - 1L, 0, 1, 2);
  }

  @Test
  void fewPairsAreScoredWithAllThreads() {
    FakeEngine engine = open(new FakeEngine(batch -> rows(batch, 1, 2, 3)), optionsWithThreads(3));

    model.score(List.of(PAIR, PAIR));

    assertThat(engine.passes()).containsExactly("2 pairs, 3 threads");
  }

  @Test
  void manyPairsAreScoredInBatchesAtTheSameTimeWithOneThreadEach() {
    CyclicBarrier allThree = new CyclicBarrier(3);
    FakeEngine engine =
        open(
            new FakeEngine(
                batch -> {
                  await(allThree);
                  return lengths(batch);
                }),
            optionsWithThreads(3));
    List<TextPair> pairs = new ArrayList<>();
    for (int i = 0; i < 18; i++) {
      pairs.add(new TextPair("a ".repeat(i % 7), ""));
    }

    List<Score> scores = model.score(pairs);

    assertThat(scores)
        .extracting(score -> score.logits().get(0))
        .isEqualTo(pairs.stream().map(pair -> (float) model.encode(pair).length()).toList());
    assertThat(engine.passes()).hasSize(6).containsOnly("3 pairs, 1 threads");
  }

  @Test
  void whatOneOfSeveralBatchesFailsWithReachesTheCaller() {
    DeviceOutOfMemoryException failure = new DeviceOutOfMemoryException("Cannot score", null);
    open(
        new FakeEngine(
            batch -> {
              throw failure;
            }),
        optionsWithThreads(2));

    assertThatExceptionOfType(DeviceOutOfMemoryException.class)
        .isThrownBy(() -> model.score(Collections.nCopies(20, PAIR)))
        .isSameAs(failure);
  }

  @Test
  void severalBatchesForAClosedModelAreRefused() {
    open(new FakeEngine(batch -> rows(batch, 1, 2, 3)), optionsWithThreads(2));
    model.close();

    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> model.score(Collections.nCopies(20, PAIR)))
        .withMessage("Cannot use the model checkpoint, it is closed.");
  }

  @Test
  void onACpuAModelIsWarmAfterOneShortPairOnOneThread() {
    FakeEngine engine = open(new FakeEngine(batch -> rows(batch, 1, 2, 3)), optionsWithThreads(2));

    model.warmUp();

    assertThat(engine.passes()).containsExactly("1 pairs, 1 threads");
  }

  @Test
  void onAGpuAModelIsWarmAfterBatchesOfTheLimitsAndOfSeveralLengths() {
    List<String> shapes = new ArrayList<>();
    open(
        new FakeEngine(
            batch -> {
              shapes.add("%d of %d tokens".formatted(batch.pairs(), batch.length(0)));
              assertThat(batch.inputIds()).doesNotContain(0);
              return rows(batch, 1, 2, 3);
            }),
        CrossEncoderOptions.DEFAULT
            .withDevice(new Device("gpu0"))
            .withMaxLength(48)
            .withLimits(new BatchLimits(20, 700)));

    model.warmUp();

    assertThat(shapes).containsExactly("20 of 32 tokens", "14 of 48 tokens");
  }

  @Test
  void aWarmUpThatDoesNotFitLeavesTheModelOpen() {
    open(
        new FakeEngine(
            batch -> {
              if (batch.pairs() > 1) {
                throw new DeviceOutOfMemoryException("Cannot score, no memory", null);
              }
              return rows(batch, 1, 2, 3);
            }),
        CrossEncoderOptions.DEFAULT.withDevice(new Device("gpu0")));

    assertThatExceptionOfType(DeviceOutOfMemoryException.class)
        .isThrownBy(() -> model.warmUp())
        .withMessage("Cannot score, no memory");
    assertThat(model.score(PAIR).label()).isEqualTo("maybe");
  }

  @Test
  void aClosedModelSaysSo() {
    open(new FakeEngine(batch -> rows(batch, 1, 2, 3)));
    EncodedPair encoded = model.encode(PAIR);

    model.close();

    String message = "Cannot use the model checkpoint, it is closed.";
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> model.score(PAIR))
        .withMessage(message);
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> model.encode(PAIR))
        .withMessage(message);
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> model.scoreBatch(List.of(encoded)))
        .withMessage(message);
  }

  @Test
  void closingTwiceClosesTheEngineOnce() {
    FakeEngine engine = open(new FakeEngine(batch -> rows(batch, 1, 2, 3)));

    model.close();
    model.close();

    assertThat(engine.closed()).isEqualTo(1);
  }

  @Test
  void closingWaitsForTheForwardPassThatRuns() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch finish = new CountDownLatch(1);
    FakeEngine engine =
        open(
            new FakeEngine(
                batch -> {
                  started.countDown();
                  await(finish);
                  return rows(batch, 1, 2, 3);
                }));
    FutureTask<Score> scoring = new FutureTask<>(() -> model.score(PAIR));
    start(scoring);
    await(started);

    FutureTask<Void> closing = new FutureTask<>(model::close, null);
    Thread closer = start(closing);
    while (closer.isAlive() && closer.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    int closedWhileScoring = engine.closed();
    finish.countDown();

    closing.get(30, TimeUnit.SECONDS);
    assertThat(scoring.get(30, TimeUnit.SECONDS).label()).isEqualTo("maybe");
    assertThat(closedWhileScoring).isZero();
    assertThat(engine.closed()).isEqualTo(1);
  }

  @Test
  void scoringThatIsOvertakenByClosingSaysSo() throws Exception {
    CountDownLatch scored = new CountDownLatch(1);
    CrossEncoder real = CrossEncoder.open(bundle, CrossEncoderOptions.DEFAULT);
    FutureTask<Void> scoring =
        new FutureTask<>(
            () -> {
              while (true) {
                real.score(PAIR);
                scored.countDown();
              }
            });
    start(scoring);
    await(scored);

    real.close();

    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> scoring.get(30, TimeUnit.SECONDS))
        .withCauseInstanceOf(IllegalStateException.class)
        .withMessageContaining("Cannot use the model checkpoint, it is closed.");
  }

  private static CrossEncoderOptions optionsWithThreads(int threads) {
    return CrossEncoderOptions.DEFAULT.withThreads(threads).withLimits(new BatchLimits(3, 1_000));
  }

  private FakeEngine open(FakeEngine engine) {
    return open(engine, CrossEncoderOptions.DEFAULT);
  }

  private FakeEngine open(FakeEngine engine, CrossEncoderOptions options) {
    model =
        new CrossEncoder(
            bundle,
            options,
            PairEncoder.load(bundle.folder().resolve(Bundle.TOKENIZER), TinyCheckpoint.POSITIONS),
            engine,
            new ScoringThreads("test", options.threads() - 1),
            bundle.manifest().activation().require("test", bundle.manifest().numLabels()));
    return engine;
  }

  private static Thread start(Runnable task) {
    Thread thread = new Thread(task, "cross-encoder-test");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException("Interrupted while waiting", e);
    }
  }

  private static float[][] rows(PackedBatch batch, float... logits) {
    float[][] rows = new float[batch.pairs()][];
    Arrays.fill(rows, logits);
    return rows;
  }

  /** Each pair's number of tokens as its first logit. */
  private static float[][] lengths(PackedBatch batch) {
    float[][] rows = new float[batch.pairs()][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = new float[] {batch.offsets()[i + 1] - batch.offsets()[i], 0, 0};
    }
    return rows;
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
      throw new IllegalStateException("The batches did not run at the same time", e);
    }
  }
}
