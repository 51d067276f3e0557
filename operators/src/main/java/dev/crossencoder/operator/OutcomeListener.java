package dev.crossencoder.operator;

import java.util.List;
import org.apache.flink.annotation.Internal;

/**
 * Receives the outcome of a record on a shared thread: exactly one method is called, once. The
 * methods must not run user code. An exception that they throw is logged and otherwise ignored.
 */
@Internal
public interface OutcomeListener {
  /**
   * Receives one outcome per pair, in the order of the pairs. Unless {@link #keepsFailedPairs},
   * each has a score.
   */
  void completed(List<PairOutcome> outcomes);

  /** Receives the reason why the record has no scores. */
  void failed(Failure failure);

  /** Receives an error of the engine, which must fail the task. */
  void errored(Throwable error);

  /**
   * Whether a pair without a score is one of the outcomes. Otherwise it is the failure of the whole
   * record. Called once, when the record is submitted.
   */
  default boolean keepsFailedPairs() {
    return false;
  }
}
