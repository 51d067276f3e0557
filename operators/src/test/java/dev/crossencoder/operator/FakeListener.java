package dev.crossencoder.operator;

import dev.crossencoder.model.Score;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** Hears of a record's outcome and keeps it. */
final class FakeListener implements OutcomeListener {
  private static final long WAIT_SECONDS = 20;

  private final CompletableFuture<Object> outcome = new CompletableFuture<>();
  private final AtomicInteger calls = new AtomicInteger();

  @Override
  public void completed(List<PairOutcome> outcomes) {
    heard(PairOutcome.scores(outcomes).stream().map(Score::score).toList());
  }

  @Override
  public void failed(Failure failure) {
    heard(failure);
  }

  @Override
  public void errored(Throwable error) {
    heard(error);
  }

  private void heard(Object what) {
    calls.incrementAndGet();
    outcome.complete(what);
  }

  /** Waits for the outcome: the numbers of the scores, the failure, or the error. */
  Object outcome() throws InterruptedException, ExecutionException, TimeoutException {
    return outcome.get(WAIT_SECONDS, TimeUnit.SECONDS);
  }

  /** How often any method was called. */
  int calls() {
    return calls.get();
  }
}
