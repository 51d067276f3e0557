package dev.crossencoder.model.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.crossencoder.model.DeviceOutOfMemoryException;
import dev.crossencoder.model.EncodedPair;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a batch is worked off in passes, by an engine that gives each pair its first id. */
@Timeout(60)
class CpuPassesTest {
  private final ScoringThreads threads = new ScoringThreads("test", 2);

  @AfterEach
  void endTheThreads() {
    threads.close();
  }

  @Test
  void logitsComeInThePairsOrder() {
    for (int allowed = 1; allowed <= 3; allowed++) {
      float[][] logits =
          CpuPasses.of(new EchoEngine(batch -> {}), threads).forward(batch(40), allowed);

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

    CpuPasses.of(echo, threads).forward(batch(2), 2);

    assertThat(echo.callers()).hasSize(2).contains(Thread.currentThread());
    assertThat(echo.threadsPerPass()).containsExactly(1);
  }

  @Test
  void aPairThatIsAloneGetsAllThreadsInThePassOfItsCaller() {
    EchoEngine echo = new EchoEngine(batch -> {});

    CpuPasses.of(echo, threads).forward(batch(1), 2);

    assertThat(echo.callers()).containsExactly(Thread.currentThread());
    assertThat(echo.threadsPerPass()).containsExactly(2);
  }

  @Test
  void aCallerWithOneThreadRunsAllPassesItself() {
    EchoEngine echo = new EchoEngine(batch -> {});

    CpuPasses.of(echo, threads).forward(batch(40), 1);

    assertThat(echo.callers()).containsExactly(Thread.currentThread());
    assertThat(echo.threadsPerPass()).containsExactly(1);
  }

  @Test
  void passesHaveTheRowsOfTheirPairs() {
    Set<Integer> rows = ConcurrentHashMap.newKeySet();
    EchoEngine echo = new EchoEngine(batch -> rows.add(batch.inputIds().length));

    CpuPasses.of(echo, threads).forward(batch(2), 1);

    assertThat(rows).containsExactly(200);
  }

  @Test
  void numbersOfRowsRepeatForAnEngineWithAKernelForEach() {
    Set<Integer> rows = ConcurrentHashMap.newKeySet();
    EchoEngine echo = new EchoEngine(batch -> rows.add(batch.inputIds().length));

    CpuPasses.repeatingRows(echo, threads).forward(batch(2), 1);

    assertThat(rows).containsExactly(208);
  }

  @Test
  void aPassThatFailsFailsTheBatch() {
    EchoEngine echo =
        new EchoEngine(
            batch -> {
              if (batch.inputIds()[0] != 0) {
                throw new DeviceOutOfMemoryException("no memory", null);
              }
            });

    assertThatExceptionOfType(DeviceOutOfMemoryException.class)
        .isThrownBy(() -> CpuPasses.of(echo, threads).forward(batch(20), 2))
        .withMessage("no memory");
  }

  @Test
  void closingClosesTheEngine() {
    EchoEngine echo = new EchoEngine(batch -> {});

    CpuPasses.of(echo, threads).close();

    assertThat(echo.closed()).isTrue();
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
  private static final class EchoEngine implements ScoringEngine {
    private final Consumer<PackedBatch> before;
    private final Set<Thread> callers = ConcurrentHashMap.newKeySet();
    private final Set<Integer> threadsPerPass = ConcurrentHashMap.newKeySet();
    private boolean closed;

    EchoEngine(Consumer<PackedBatch> before) {
      this.before = before;
    }

    @Override
    public float[][] forward(PackedBatch batch, int passThreads) {
      callers.add(Thread.currentThread());
      threadsPerPass.add(passThreads);
      before.accept(batch);
      float[][] logits = new float[batch.pairs()][];
      for (int i = 0; i < logits.length; i++) {
        logits[i] = new float[] {batch.inputIds()[(int) batch.offsets()[i]]};
      }
      return logits;
    }

    Set<Thread> callers() {
      return callers;
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
