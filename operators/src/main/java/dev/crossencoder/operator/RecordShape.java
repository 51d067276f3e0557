package dev.crossencoder.operator;

import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.tokenizer.Truncation;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * What the records of a stream ask of the model, and what they get. All shapes are pairs for the
 * operator; a shape makes the pairs of a record, and one result of their outcomes. Its methods are
 * called by the task thread.
 *
 * @param <T> the type of the records
 * @param <R> the type of the results
 */
@Internal
public interface RecordShape<T, R> extends Serializable {
  /** Returns which text of a pair is truncated unless the options say otherwise. */
  default Truncation truncation() {
    return Truncation.LONGEST_FIRST;
  }

  /**
   * Prepares for a model, before it is loaded and before the first record.
   *
   * @param model the model's name
   * @param modelLabels the model's labels, in the order of its logits
   * @throws IllegalArgumentException if the model does not fit
   */
  default void open(String model, List<String> modelLabels) {}

  /**
   * Returns what a record asks.
   *
   * @throws InvalidRecordException if the record cannot be scored
   */
  Request<R> request(T element) throws InvalidRecordException;

  /** Returns the result of a record that cannot be scored. */
  R failure(T element, Failure failure, String model, String revision);

  /** Returns the type of the results for a type of records. */
  TypeInformation<R> resultType(TypeInformation<T> elementType);

  /** Returns the failure of a result; null if it has none. */
  Failure failureOf(R result);

  /** Whether a record has a result although some of its pairs have no score. */
  boolean keepsFailedPairs();

  /**
   * What one record asks.
   *
   * @param pairs the pairs to score; may be empty
   * @param reducer makes the result of the outcomes; keeps no text
   * @param <R> the type of the results
   */
  record Request<R>(List<TextPair> pairs, Reducer<R> reducer) {}

  /**
   * Makes the result of a record of the outcomes of its pairs.
   *
   * @param <R> the type of the results
   */
  @FunctionalInterface
  interface Reducer<R> {
    /**
     * Returns the result.
     *
     * @param outcomes one per pair, in the order of the pairs
     * @param stages the models, first to last; one unless there is a cascade
     * @return empty if the record is filtered out
     */
    Optional<R> result(List<PairOutcome> outcomes, List<Stage> stages);

    /**
     * Returns the result of one model.
     *
     * @param model the model's name
     * @param revision the digest of the model's bundle
     */
    default Optional<R> result(List<PairOutcome> outcomes, String model, String revision) {
      return result(outcomes, List.of(new Stage(model, revision)));
    }
  }
}
