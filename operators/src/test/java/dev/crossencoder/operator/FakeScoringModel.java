package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.scoring.PairScoring;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * A model without weights: a pair has as many tokens as its first text has characters, and its
 * score is their number. Forward passes can be held, as a device that hangs does: without heeding
 * interrupts.
 */
final class FakeScoringModel implements ScoringModel {
  private static final long WAIT_SECONDS = 20;

  private final ConcurrentLinkedQueue<List<Integer>> batches = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<Integer> passes = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<Thread> threads = new ConcurrentLinkedQueue<>();
  private final Semaphore begun = new Semaphore(0);
  private volatile Function<TextPair, EncodedPair> tokenizer = FakeScoringModel::tokens;
  private volatile Function<List<EncodedPair>, List<Score>> forward = FakeScoringModel::lengths;
  private volatile Function<TextPair, PairScoring> begin = pair -> PairScoring.of(encode(pair));
  private volatile CountDownLatch gate = new CountDownLatch(0);
  private volatile Runnable warmUp = () -> {};
  private volatile Runnable closing = () -> {};
  private volatile int maxPassThreads = Integer.MAX_VALUE;
  private volatile int warmUps;
  private volatile boolean closed;

  static Score scoreOf(float value) {
    return new Score(value, null, Map.of(), List.of(value), false);
  }

  static TextPair textOfLength(int length) {
    return new TextPair("x".repeat(length), "");
  }

  static List<Score> lengths(List<EncodedPair> batch) {
    return batch.stream().map(pair -> scoreOf(pair.length())).toList();
  }

  static EncodedPair tokens(TextPair pair) {
    return TestEncodedPairs.ofLength(pair.text().length());
  }

  /** Replaces what a forward pass does. */
  FakeScoringModel withForward(Function<List<EncodedPair>, List<Score>> newForward) {
    forward = newForward;
    return this;
  }

  /** Replaces what the tokenizer does. */
  FakeScoringModel withTokenizer(Function<TextPair, EncodedPair> newTokenizer) {
    tokenizer = newTokenizer;
    return this;
  }

  /** Replaces how a pair is begun, for pairs of several parts. */
  FakeScoringModel withBegin(Function<TextPair, PairScoring> newBegin) {
    begin = newBegin;
    return this;
  }

  /** Sets how many threads a forward pass can use. */
  FakeScoringModel withMaxPassThreads(int threads) {
    maxPassThreads = threads;
    return this;
  }

  /** Replaces what warming up does. */
  FakeScoringModel withWarmUp(Runnable newWarmUp) {
    warmUp = newWarmUp;
    return this;
  }

  /** Replaces what happens before it is freed. */
  FakeScoringModel withClosing(Runnable newClosing) {
    closing = newClosing;
    return this;
  }

  /** Lets forward passes that begin from now on wait until {@link #letGo}. */
  FakeScoringModel hold() {
    gate = new CountDownLatch(1);
    return this;
  }

  void letGo() {
    gate.countDown();
  }

  /** Waits until one more forward pass has begun. */
  void awaitForwardPass() throws InterruptedException {
    assertThat(begun.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS))
        .as("a forward pass began")
        .isTrue();
  }

  /** The lengths of the pairs of each forward pass that began. */
  List<List<Integer>> batches() {
    return List.copyOf(batches);
  }

  /** How many threads each forward pass that began could use. */
  List<Integer> passThreads() {
    return List.copyOf(passes);
  }

  /** The threads that tokenized or scored. */
  List<Thread> threads() {
    return threads.stream().distinct().toList();
  }

  /** How often it was warmed up. */
  int warmUps() {
    return warmUps;
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public EncodedPair encode(TextPair pair) {
    threads.add(Thread.currentThread());
    return tokenizer.apply(pair);
  }

  @Override
  public PairScoring begin(TextPair pair) {
    return begin.apply(pair);
  }

  @Override
  public List<Score> scoreBatch(List<EncodedPair> batch, int passThreads) {
    passes.add(passThreads);
    threads.add(Thread.currentThread());
    batches.add(batch.stream().map(EncodedPair::length).toList());
    begun.release();
    awaitUninterruptibly(gate);
    assertThat(closed).as("the model was freed under a forward pass").isFalse();
    return forward.apply(batch);
  }

  @Override
  public int passThreads(int available) {
    return Math.min(available, maxPassThreads);
  }

  @Override
  public synchronized void warmUp() {
    warmUps++;
    warmUp.run();
  }

  @Override
  public void close() {
    closing.run();
    closed = true;
  }

  static void awaitUninterruptibly(CountDownLatch latch) {
    boolean interrupted = false;
    while (true) {
      try {
        latch.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
