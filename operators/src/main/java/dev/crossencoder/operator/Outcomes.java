package dev.crossencoder.operator;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for the outcomes of pairs that no record of a stream has. Thread-safe. */
final class Outcomes implements OutcomeListener {
  private final CompletableFuture<List<PairOutcome>> outcomes = new CompletableFuture<>();

  /**
   * Returns one outcome per pair.
   *
   * @throws TimeoutException if there is none within the time
   * @throws InterruptedException as soon as the caller is interrupted
   */
  List<PairOutcome> await(Duration longest) throws InterruptedException, TimeoutException {
    try {
      return outcomes.get(longest.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException("Cannot score pairs: " + e.getCause(), e.getCause());
    }
  }

  @Override
  public void completed(List<PairOutcome> newOutcomes) {
    outcomes.complete(newOutcomes);
  }

  @Override
  public void failed(Failure failure) {
    outcomes.completeExceptionally(new IllegalStateException(failure.message()));
  }

  @Override
  public void errored(Throwable error) {
    outcomes.completeExceptionally(error);
  }

  @Override
  public boolean keepsFailedPairs() {
    return true;
  }
}
