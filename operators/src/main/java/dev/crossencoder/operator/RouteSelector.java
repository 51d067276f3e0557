package dev.crossencoder.operator;

import java.io.Serializable;
import org.apache.flink.annotation.PublicEvolving;

/**
 * Returns the name of the model that scores a record. Called on the task thread, before the
 * record's texts are selected. It must not block and must not keep a reference to the record.
 *
 * @param <T> the type of the records
 */
@PublicEvolving
@FunctionalInterface
public interface RouteSelector<T> extends Serializable {
  /**
   * Returns one of the names in {@code cross-encoder.models}; null for {@code
   * cross-encoder.route.default}. A record with any other name becomes a result with the failure
   * {@link Failure#UNKNOWN_MODEL}.
   *
   * @throws InvalidRecordException if the record cannot be scored; the record becomes a result with
   *     a {@link Failure}, and without a model and a revision. Any other exception fails the task.
   */
  String route(T element) throws InvalidRecordException;
}
