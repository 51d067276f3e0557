package dev.crossencoder.operator;

import dev.crossencoder.model.TextPair;
import java.util.List;

/**
 * A record in flight, which is with one model at a time. Its lock makes sure that a record which
 * was withdrawn is not given to the next model. Thread-safe.
 */
final class RecordInFlight {
  private final ModelKey model;
  private PendingRecord current;
  private boolean withdrawn;

  /** Whether the record is counted by its model; guarded by the lock of the {@link ModelPool}. */
  private boolean admitted;

  RecordInFlight(ModelKey model) {
    this.model = model;
  }

  /** The model that scores the record. */
  ModelKey model() {
    return model;
  }

  /** Gives the record to a model, unless it was withdrawn. */
  synchronized void submit(
      ScoringService service, Lane lane, List<TextPair> pairs, OutcomeListener listener) {
    if (!withdrawn) {
      current = new PendingRecord(lane, pairs, listener);
      service.submit(current);
    }
  }

  /** Takes the record back: no model is given it any more, and its listener is not called. */
  void withdraw() {
    PendingRecord last;
    synchronized (this) {
      withdrawn = true;
      last = current;
    }
    if (last != null) {
      last.abandon();
    }
  }

  boolean isAdmitted() {
    return admitted;
  }

  void admit() {
    admitted = true;
  }
}
