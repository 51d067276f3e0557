package dev.crossencoder.operator;

import dev.crossencoder.model.TextPair;
import java.io.Serializable;
import java.util.List;
import org.apache.flink.annotation.PublicEvolving;

/**
 * Returns the text pairs of a record: one pair, or N pairs for a query with N passages. Called on
 * the task thread. It must not block and must not keep a reference to the record.
 *
 * @param <T> the type of the records
 */
@PublicEvolving
@FunctionalInterface
public interface PairSelector<T> extends Serializable {
  /**
   * Returns the pairs to score, in the order of the scores; may be empty, must not be null.
   *
   * @throws InvalidRecordException if the record cannot be scored; the record becomes a result with
   *     a {@link Failure}. Any other exception fails the task.
   */
  List<TextPair> pairs(T element) throws InvalidRecordException;
}
