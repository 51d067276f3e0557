package dev.crossencoder.model.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ScoringThreadsTest {
  @Test
  void callerAndHelpersRunTasksAtTheSameTime() {
    CyclicBarrier allThree = new CyclicBarrier(3);
    Set<Thread> used = ConcurrentHashMap.newKeySet();
    List<Supplier<Integer>> tasks = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      int result = i;
      tasks.add(
          () -> {
            used.add(Thread.currentThread());
            await(allThree);
            return result;
          });
    }

    try (ScoringThreads threads = new ScoringThreads("test", 2)) {
      assertThat(threads.runAll(tasks)).containsExactly(0, 1, 2, 3, 4, 5);
    }
    assertThat(used).hasSize(3).contains(Thread.currentThread());
  }

  @Test
  void withoutHelpersTheCallerRunsAll() {
    Set<Thread> used = ConcurrentHashMap.newKeySet();

    try (ScoringThreads threads = new ScoringThreads("test", 0)) {
      threads.runAll(
          List.of(() -> used.add(Thread.currentThread()), () -> used.add(Thread.currentThread())));
    }

    assertThat(used).containsExactly(Thread.currentThread());
  }

  @Test
  void theCallerAndTheHelpersThatThereAreDoTheWorkOfThoseThatCannotBeStarted() {
    AtomicInteger threads = new AtomicInteger();
    ThreadFactory exhausted =
        body -> {
          if (threads.incrementAndGet() > 1) {
            throw new OutOfMemoryError("unable to create native thread");
          }
          Thread thread = new Thread(body, "helper");
          thread.setDaemon(true);
          return thread;
        };
    CyclicBarrier callerAndHelper = new CyclicBarrier(2);
    List<Supplier<Integer>> tasks = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      int result = i;
      tasks.add(
          () -> {
            await(callerAndHelper);
            return result;
          });
    }

    try (ScoringThreads few = new ScoringThreads(3, exhausted)) {
      assertThat(few.runAll(tasks)).containsExactly(0, 1, 2, 3);
    }
    assertThat(threads).hasValue(2);
  }

  @Test
  void whatATaskThrowsReachesTheCallerAndTheRestIsLeftOut() {
    IllegalStateException broken = new IllegalStateException("the engine is broken");
    AtomicInteger begun = new AtomicInteger();
    List<Supplier<Integer>> tasks = new ArrayList<>();
    tasks.add(begun::incrementAndGet);
    tasks.add(
        () -> {
          throw broken;
        });
    for (int i = 0; i < 1_000; i++) {
      tasks.add(begun::incrementAndGet);
    }

    try (ScoringThreads threads = new ScoringThreads("test", 0)) {
      assertThatThrownBy(() -> threads.runAll(tasks)).isSameAs(broken);
    }

    assertThat(begun).hasValue(1);
  }

  @Test
  void anErrorOfAHelperReachesTheCaller() {
    UnsatisfiedLinkError broken = new UnsatisfiedLinkError("no such symbol");
    Thread caller = Thread.currentThread();
    CyclicBarrier both = new CyclicBarrier(2);
    Supplier<Integer> task =
        () -> {
          await(both);
          if (Thread.currentThread() != caller) {
            throw broken;
          }
          return 1;
        };

    try (ScoringThreads threads = new ScoringThreads("test", 1)) {
      assertThatThrownBy(() -> threads.runAll(List.of(task, task))).isSameAs(broken);
    }
  }

  @Test
  void onceClosedTheCallerIsAlone() {
    ScoringThreads threads = new ScoringThreads("test", 1);
    threads.close();
    threads.close();

    assertThat(threads.runAll(List.of(() -> 1, () -> 2))).containsExactly(1, 2);
  }

  @Test
  void closingEndsTheHelpers() throws Exception {
    Set<Thread> used = ConcurrentHashMap.newKeySet();
    CyclicBarrier both = new CyclicBarrier(2);
    Supplier<Boolean> task =
        () -> {
          await(both);
          return used.add(Thread.currentThread());
        };
    ScoringThreads threads = new ScoringThreads("test", 1);
    threads.runAll(List.of(task, task));

    threads.close();

    used.remove(Thread.currentThread());
    assertThat(used).hasSize(1);
    for (Thread helper : used) {
      helper.join(TimeUnit.SECONDS.toMillis(20));
      assertThat(helper.isAlive()).isFalse();
      assertThat(helper.isDaemon()).isTrue();
      assertThat(helper.getName()).isEqualTo("cross-encoder-helper-0 test");
    }
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
      throw new IllegalStateException("The tasks did not run at the same time", e);
    }
  }
}
