package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.ref.WeakReference;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Needs the garbage collector. */
@Timeout(60)
class ScoringServiceITCase {
  private final FakeDevice device = new FakeDevice();

  @AfterEach
  void endThreads() {
    device.close();
  }

  @Test
  void anIdleServiceKeepsNoRecordThatWasScored() throws Exception {
    WeakReference<Object> record = new WeakReference<>(scored());

    await()
        .untilAsserted(
            () -> {
              System.gc();
              assertThat(record.get()).isNull();
            });
  }

  @Test
  void anAbandonedRecordKeepsNothingOfItsCaller() {
    CountingListener listener = new CountingListener(new CountDownLatch(1));
    WeakReference<Object> caller = new WeakReference<>(listener);
    PendingRecord record = TestPairs.record(listener, 1, 2);
    listener = null;

    record.abandon();

    await()
        .untilAsserted(
            () -> {
              System.gc();
              assertThat(caller.get()).isNull();
            });
    assertThat(record.isDone()).isTrue();
  }

  /** Returns what hears of a record, and with it the job's class loader, after it has heard. */
  private Object scored() throws InterruptedException {
    CountDownLatch heard = new CountDownLatch(1);
    OutcomeListener listener = new CountingListener(heard);
    device.service().submit(TestPairs.record(listener, 1, 2));
    heard.await();
    return listener;
  }

  private record CountingListener(CountDownLatch heard) implements OutcomeListener {
    @Override
    public void completed(List<PairOutcome> outcomes) {
      heard.countDown();
    }

    @Override
    public void failed(Failure failure) {}

    @Override
    public void errored(Throwable error) {}
  }
}
