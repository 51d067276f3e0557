package dev.crossencoder.operator;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Hears of a record whose failed pairs are among its outcomes. */
record KeepingListener(CompletableFuture<List<PairOutcome>> heard) implements OutcomeListener {
  @Override
  public boolean keepsFailedPairs() {
    return true;
  }

  @Override
  public void completed(List<PairOutcome> outcomes) {
    heard.complete(outcomes);
  }

  @Override
  public void failed(Failure failure) {
    heard.completeExceptionally(new AssertionError(failure));
  }

  @Override
  public void errored(Throwable error) {
    heard.completeExceptionally(error);
  }
}
