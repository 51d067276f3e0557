package dev.crossencoder.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * How a batch is worked off by several threads, with an engine that gives each pair its first id.
 */
@Timeout(60)
class ParallelEngineTest {
  @Test
  void logitsComeInThePairsOrder() {
    try (ParallelEngine engine = new ParallelEngine(new EchoEngine(batch -> {}), 3)) {
      float[][] logits = engine.forward(batch(40));

      assertThat(logits).hasNumberOfRows(40);
      for (int i = 0; i < logits.length; i++) {
        assertThat(logits[i]).containsExactly(i);
      }
    }
  }

  @Test
  void passesRunSideBySideOneThreadEach() {
    CyclicBarrier together = new CyclicBarrier(2);
    EchoEngine echo = new EchoEngine(batch -> await(together));
    try (ParallelEngine engine = new ParallelEngine(echo, 2)) {
      engine.forward(batch(2));
    }

    assertThat(echo.threads()).hasSize(2).contains(Thread.currentThread());
    assertThat(echo.threadsPerPass()).containsExactly(1);
  }

  @Test
  void aPairThatIsAloneGetsAllThreadsInThePassOfItsCaller() {
    EchoEngine echo = new EchoEngine(batch -> {});
    try (ParallelEngine engine = new ParallelEngine(echo, 2)) {
      engine.forward(batch(1));
    }

    assertThat(echo.threads()).containsExactly(Thread.currentThread());
    assertThat(echo.threadsPerPass()).containsExactly(2);
  }

  @Test
  void aPassThatFailsFailsTheBatchAndTheNextBatchIsScored() {
    AtomicBoolean failing = new AtomicBoolean(true);
    EchoEngine echo =
        new EchoEngine(
            batch -> {
              if (failing.get() && batch.inputIds()[0] != 0) {
                throw new DeviceOutOfMemoryException("no memory", null);
              }
            });
    try (ParallelEngine engine = new ParallelEngine(echo, 2)) {
      assertThatExceptionOfType(DeviceOutOfMemoryException.class)
          .isThrownBy(() -> engine.forward(batch(20)))
          .withMessage("no memory");

      failing.set(false);
      assertThat(engine.forward(batch(20))).hasNumberOfRows(20);
    }
  }

  @Test
  void anErrorOfAPassIsThrownAsItIs() {
    StackOverflowError error = new StackOverflowError();
    EchoEngine echo =
        new EchoEngine(
            batch -> {
              throw error;
            });
    try (ParallelEngine engine = new ParallelEngine(echo, 2)) {
      assertThatExceptionOfType(StackOverflowError.class)
          .isThrownBy(() -> engine.forward(batch(20)))
          .isSameAs(error);
    }
  }

  @Test
  void closingEndsTheThreadsAndThenTheEngine() throws InterruptedException {
    EchoEngine echo = new EchoEngine(batch -> {});
    ParallelEngine engine = new ParallelEngine(echo, 3);
    engine.forward(batch(40));

    engine.close();

    assertThat(echo.closed()).isTrue();
    for (Thread thread : echo.threads()) {
      if (thread != Thread.currentThread()) {
        thread.join(10_000);
        assertThat(thread.isAlive()).isFalse();
      }
    }
  }

  @Test
  void anInterruptedCallerGetsItsLogitsAndStaysInterrupted() {
    try (ParallelEngine engine = new ParallelEngine(new EchoEngine(batch -> {}), 2)) {
      Thread.currentThread().interrupt();

      float[][] logits = engine.forward(batch(40));

      assertThat(Thread.interrupted()).isTrue();
      assertThat(logits).hasNumberOfRows(40);
    }
  }

  /** Pairs of 100 tokens, whose ids are the pair's number. */
  private static PackedBatch batch(int pairs) {
    List<EncodedPair> encoded =
        IntStream.range(0, pairs)
            .mapToObj(i -> new EncodedPair(filled(i), filled(0), false))
            .toList();
    return PackedBatch.of(encoded, 0);
  }

  private static int[] filled(int value) {
    return IntStream.generate(() -> value).limit(100).toArray();
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await(30, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException("The other pass did not come", e);
    }
  }

  /** Returns the first id of each pair as its logit. */
  private static final class EchoEngine implements ParallelEngine.PassEngine {
    private final Consumer<PackedBatch> before;
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private final Set<Integer> threadsPerPass = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    EchoEngine(Consumer<PackedBatch> before) {
      this.before = before;
    }

    @Override
    public float[][] forward(PackedBatch batch, int passThreads) {
      threads.add(Thread.currentThread());
      threadsPerPass.add(passThreads);
      before.accept(batch);
      float[][] logits = new float[batch.pairs()][];
      for (int i = 0; i < logits.length; i++) {
        logits[i] = new float[] {batch.inputIds()[(int) batch.offsets()[i]]};
      }
      return logits;
    }

    Set<Thread> threads() {
      return threads;
    }

    Set<Integer> threadsPerPass() {
      return threadsPerPass;
    }

    boolean closed() {
      return closed;
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
