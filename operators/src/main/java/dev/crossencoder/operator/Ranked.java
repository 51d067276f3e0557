package dev.crossencoder.operator;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;

/**
 * A record with its documents in the order of their scores, or with the {@link Failure} that says
 * why it has none.
 *
 * <p>This record can be part of Flink state. It is a Flink POJO: savepoints refer to it by the
 * names of the class and of its components, so neither may change.
 *
 * @param element the input record
 * @param results the documents with a score, best first; documents with equal scores keep their
 *     order. At most {@code cross-encoder.top-n}, and only those with at least {@code
 *     cross-encoder.min-score}. Empty if there is a failure
 * @param errors the documents that have no score, by index; empty if there is a failure
 * @param failure the reason why there are no results; null if the record was scored
 * @param model the name of the model
 * @param revision the digest of the model's bundle
 * @param <T> the type of the records
 */
@PublicEvolving
public record Ranked<T>(
    T element,
    List<RankedDocument> results,
    List<RefusedDocument> errors,
    Failure failure,
    String model,
    String revision) {
  public Ranked {
    requireNonNull(element, "element is null");
    results = List.copyOf(results);
    errors = List.copyOf(errors);
  }

  static <T> Ranked<T> success(
      T element,
      List<RankedDocument> results,
      List<RefusedDocument> errors,
      String model,
      String revision) {
    return new Ranked<>(element, results, errors, null, model, revision);
  }

  static <T> Ranked<T> failure(T element, Failure failure, String model, String revision) {
    return new Ranked<>(
        element, List.of(), List.of(), requireNonNull(failure, "failure is null"), model, revision);
  }

  /** Returns whether the record has a failure instead of results. */
  public boolean failed() {
    return failure != null;
  }

  /**
   * Returns the failure code or the numbers of documents, without the record, which may contain
   * texts.
   */
  @Override
  public String toString() {
    return failed()
        ? "Ranked[" + failure.code() + "]"
        : "Ranked[" + results.size() + " results, " + errors.size() + " errors]";
  }

  /**
   * Returns the type information of results for an element type. Kryo is used only if the element
   * type itself needs it.
   */
  @SuppressWarnings("unchecked")
  public static <T> TypeInformation<Ranked<T>> typeInformation(TypeInformation<T> element) {
    Map<String, TypeInformation<?>> fields =
        Map.of(
            "element",
            element,
            "results",
            Types.LIST(TypeInformation.of(RankedDocument.class)),
            "errors",
            Types.LIST(TypeInformation.of(RefusedDocument.class)),
            "failure",
            TypeInformation.of(Failure.class),
            "model",
            Types.STRING,
            "revision",
            Types.STRING);
    return (TypeInformation<Ranked<T>>) (TypeInformation<?>) Types.POJO(Ranked.class, fields);
  }
}
