package dev.crossencoder.operator;

import static java.util.Objects.requireNonNull;

import org.apache.flink.annotation.PublicEvolving;

/**
 * A document of a {@link Ranked} record that has no score.
 *
 * <p>This record can be part of Flink state. It is a Flink POJO: savepoints refer to it by the
 * names of the class and of its components, so neither may change.
 *
 * @param index the index of the document in the record, from 0
 * @param failure the reason
 */
@PublicEvolving
public record RefusedDocument(int index, Failure failure) {
  public RefusedDocument {
    requireNonNull(failure, "failure is null");
  }
}
