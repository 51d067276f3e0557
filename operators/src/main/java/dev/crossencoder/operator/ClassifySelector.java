package dev.crossencoder.operator;

import java.io.Serializable;
import org.apache.flink.annotation.PublicEvolving;

/**
 * Returns the text of a record, and the labels that it can get. Called on the task thread. It must
 * not block and must not keep a reference to the record.
 *
 * @param <T> the type of the records
 */
@PublicEvolving
@FunctionalInterface
public interface ClassifySelector<T> extends Serializable {
  /**
   * Returns what to classify; must not be null.
   *
   * @throws InvalidRecordException if the record cannot be classified; the record becomes a result
   *     with a {@link Failure}. Any other exception fails the task.
   */
  ClassifyRequest request(T element) throws InvalidRecordException;
}
