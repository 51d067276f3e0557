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
 */
@PublicEvolving
public record RankedDocument(int index, Score score) {
  public RankedDocument {
    requireNonNull(score, "score is null");
  }
}
