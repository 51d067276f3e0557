package dev.crossencoder.operator;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.model.Score;
import org.apache.flink.annotation.PublicEvolving;

/**
 * A document of a {@link Ranked} record, with its score.
 *
 * <p>This record can be part of Flink state. It is a Flink POJO: savepoints refer to it by the
 * names of the class and of its components, so neither may change.
 *
 * @param index the index of the document in the record, from 0
 * @param score the score of query and document
 * @param stage the model that gave the score, as an index into {@link Ranked#stages}; 0 without a
 *     cascade
 */
@PublicEvolving
public record RankedDocument(int index, Score score, int stage) {
  public RankedDocument {
    requireNonNull(score, "score is null");
  }

  /** A document that the first model has scored. */
  public RankedDocument(int index, Score score) {
    this(index, score, 0);
  }
}
