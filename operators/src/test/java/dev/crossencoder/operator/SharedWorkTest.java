package dev.crossencoder.operator;

import static dev.crossencoder.operator.Pipelines.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SharedWorkTest {
  private final SharedWork<String, Integer> work = new SharedWork<>("shared-work-of-a-test");
  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicInteger interrupted = new AtomicInteger();
  private final CountDownLatch gate = new CountDownLatch(1);

  @AfterEach
  void letGo() {
    gate.countDown();
  }

  @Test
  void thoseWhoAskAtTheSameTimeShareTheWork() throws Exception {
    FutureTask<Integer> one = start(this::held).task();
    FutureTask<Integer> other = start(this::held).task();

    gate.countDown();

    assertThat(one.get(20, TimeUnit.SECONDS)).isEqualTo(1);
    assertThat(other.get(20, TimeUnit.SECONDS)).isEqualTo(1);
  }

  @Test
  void whoAsksLaterHasItDoneAgain() throws Exception {
    gate.countDown();

    assertThat(work.get("key", this::held)).isEqualTo(1);
    assertThat(work.get("key", this::held)).isEqualTo(2);
  }

  @Test
  void whoAsksForSomethingElseDoesNotWait() throws Exception {
    start(this::held);

    assertThat(work.get("another key", () -> 7)).isEqualTo(7);
  }

  @Test
  void workThatFailsFailsAllWhoWaitAndIsDoneAgain() throws Exception {
    Asking one = start(this::heldThenFailing);
    Asking other = start(this::heldThenFailing);

    gate.countDown();

    assertThatThrownBy(() -> one.task().get(20, TimeUnit.SECONDS)).hasRootCauseMessage("failed");
    assertThatThrownBy(() -> other.task().get(20, TimeUnit.SECONDS)).hasRootCauseMessage("failed");
    assertThat(work.get("key", () -> 7)).isEqualTo(7);
  }

  @Test
  void whoIsInterruptedLeavesAndTheOthersGetTheResult() throws Exception {
    Asking leaving = start(this::held);
    Asking staying = start(this::held);

    leaving.thread().interrupt();

    assertThatThrownBy(() -> leaving.task().get(20, TimeUnit.SECONDS))
        .hasCauseInstanceOf(InterruptedException.class);
    gate.countDown();
    assertThat(staying.task().get(20, TimeUnit.SECONDS)).isEqualTo(1);
    assertThat(interrupted).hasValue(0);
  }

  @Test
  void workThatNobodyWaitsForIsInterruptedAndNotJoined() throws Exception {
    Asking leaving = start(this::held);
    leaving.thread().interrupt();
    assertThatThrownBy(() -> leaving.task().get(20, TimeUnit.SECONDS))
        .hasCauseInstanceOf(InterruptedException.class);
    eventually().untilAsserted(() -> assertThat(interrupted).hasValue(1));

    assertThat(work.get("key", () -> 7)).isEqualTo(7);
  }

  private int held() {
    int number = begun.incrementAndGet();
    try {
      gate.await();
    } catch (InterruptedException e) {
      interrupted.incrementAndGet();
      throw new IllegalStateException("interrupted", e);
    }
    return number;
  }

  private int heldThenFailing() {
    held();
    throw new IllegalStateException("failed");
  }

  private record Asking(FutureTask<Integer> task, Thread thread) {}

  /** Starts a thread that asks, and returns when it waits. */
  private Asking start(Supplier<Integer> supplier) {
    FutureTask<Integer> task = new FutureTask<>(() -> work.get("key", supplier));
    Thread thread = new Thread(task, "asking");
    thread.start();
    eventually().until(() -> thread.getState() == Thread.State.WAITING);
    return new Asking(task, thread);
  }
}
