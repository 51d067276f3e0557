package dev.crossencoder.operator;

import dev.crossencoder.model.Score;
import java.util.List;
import org.apache.flink.annotation.Internal;

/**
 * Receives the outcome of a record on a shared thread: exactly one method is called, once. The
 * methods must not run user code. An exception that they throw is logged and otherwise ignored.
 */
@Internal
public interface OutcomeListener {
  /** Receives one score per pair, in the order of the pairs. */
  void scored(List<Score> scores);

  /** Receives the reason why the record has no scores. */
  void failed(Failure failure);

  /** Receives an error of the engine, which must fail the task. */
  void errored(Throwable error);
}
