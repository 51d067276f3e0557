package dev.crossencoder.operator;

import dev.crossencoder.model.TextPair;
import java.io.Serializable;
import java.util.List;
import org.apache.flink.annotation.PublicEvolving;

/**
 * Turns a record into the pairs to score: one for a labelled pair, N for one query with N passages.
 * Called on the task thread; must neither block nor keep the record.
 *
 * @param <T> the type of the records
 */
@PublicEvolving
@FunctionalInterface
public interface PairSelector<T> extends Serializable {
  /**
   * Returns the pairs of a record, of which there may be none.
   *
   * @throws InvalidRecordException if the record cannot be scored; it becomes a result with a
   *     {@link Failure}. Any other exception fails the task.
   */
  List<TextPair> pairs(T element) throws InvalidRecordException;
}
