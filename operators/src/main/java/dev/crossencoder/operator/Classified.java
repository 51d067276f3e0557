package dev.crossencoder.operator;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.model.classification.Classification;
import java.util.List;
import java.util.Map;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;

/**
 * A record with its candidate labels in the order of their scores, or with the {@link Failure} that
 * says why it has none.
 *
 * <p>This record can be part of Flink state. It is a Flink POJO: savepoints refer to it by the
 * names of the class and of its components, so neither may change.
 *
 * @param element the input record
 * @param labels the candidate labels, best first; labels with equal scores keep their order. Empty
 *     if there is a failure, and for a record without a text
 * @param scores the score of each label, from 0 to 1; as many as labels
 * @param truncated whether the text had more tokens than the model reads; false if there is a
 *     failure
 * @param failure the reason why there are no labels; null if the record was classified
 * @param model the name of the model
 * @param revision the digest of the model's bundle
 * @param <T> the type of the records
 */
@PublicEvolving
public record Classified<T>(
    T element,
    List<String> labels,
    List<Float> scores,
    boolean truncated,
    Failure failure,
    String model,
    String revision) {
  public Classified {
    requireNonNull(element, "element is null");
    labels = List.copyOf(labels);
    scores = List.copyOf(scores);
  }

  static <T> Classified<T> success(
      T element, Classification result, String model, String revision) {
    return new Classified<>(
        element, result.labels(), result.scores(), result.truncated(), null, model, revision);
  }

  /** The result of a record without a text. */
  static <T> Classified<T> empty(T element, String model, String revision) {
    return new Classified<>(element, List.of(), List.of(), false, null, model, revision);
  }

  static <T> Classified<T> failure(T element, Failure failure, String model, String revision) {
    return new Classified<>(
        element,
        List.of(),
        List.of(),
        false,
        requireNonNull(failure, "failure is null"),
        model,
        revision);
  }

  /** Returns whether the record has a failure instead of labels. */
  public boolean failed() {
    return failure != null;
  }

  /**
   * Returns the failure code or the number of labels, without the record and the labels, which may
   * contain texts.
   */
  @Override
  public String toString() {
    return failed()
        ? "Classified[" + failure.code() + "]"
        : "Classified[" + labels.size() + " labels]";
  }

  /**
   * Returns the type information of results for an element type. Kryo is used only if the element
   * type itself needs it.
   */
  @SuppressWarnings("unchecked")
  public static <T> TypeInformation<Classified<T>> typeInformation(TypeInformation<T> element) {
    Map<String, TypeInformation<?>> fields =
        Map.of(
            "element",
            element,
            "labels",
            Types.LIST(Types.STRING),
            "scores",
            Types.LIST(Types.FLOAT),
            "truncated",
            Types.BOOLEAN,
            "failure",
            TypeInformation.of(Failure.class),
            "model",
            Types.STRING,
            "revision",
            Types.STRING);
    return (TypeInformation<Classified<T>>)
        (TypeInformation<?>) Types.POJO(Classified.class, fields);
  }
}
