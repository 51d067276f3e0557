package dev.crossencoder.operator;

import java.io.Serializable;
import org.apache.flink.annotation.PublicEvolving;

/**
 * Returns the query and the documents of a record. Called on the task thread. It must not block and
 * must not keep a reference to the record.
 *
 * @param <T> the type of the records
 */
@PublicEvolving
@FunctionalInterface
public interface RankSelector<T> extends Serializable {
  /**
   * Returns what to rank; must not be null.
   *
   * @throws InvalidRecordException if the record cannot be scored; the record becomes a result with
   *     a {@link Failure}. Any other exception fails the task.
   */
  RankRequest request(T element) throws InvalidRecordException;
}
