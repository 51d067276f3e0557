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
 *     cross-encoder.min-score}. In a cascade, those that the main model scored come first. Empty if
 *     there is a failure
 * @param errors the documents that have no score, by index; empty if there is a failure
 * @param failure the reason why there are no results; null if the record was scored
 * @param model the name of the model; in a cascade, of the main model
 * @param revision the digest of the model's bundle
 * @param stages the models of a cascade, first to last; empty without a cascade
 * @param <T> the type of the records
 */
@PublicEvolving
public record Ranked<T>(
    T element,
    List<RankedDocument> results,
    List<RefusedDocument> errors,
    Failure failure,
    String model,
    String revision,
    List<Stage> stages) {
  public Ranked {
    requireNonNull(element, "element is null");
    results = List.copyOf(results);
    errors = List.copyOf(errors);
    // Null in state of releases without cascades.
    stages = stages == null ? List.of() : List.copyOf(stages);
  }

  static <T> Ranked<T> success(
      T element,
      List<RankedDocument> results,
      List<RefusedDocument> errors,
      String model,
      String revision) {
    return success(element, results, errors, List.of(new Stage(model, revision)));
  }

  /** Creates the result of a cascade, or of one model. */
  static <T> Ranked<T> success(
      T element, List<RankedDocument> results, List<RefusedDocument> errors, List<Stage> stages) {
    Stage main = stages.get(stages.size() - 1);
    return new Ranked<>(
        element, results, errors, null, main.model(), main.revision(), Stage.named(stages));
  }

  static <T> Ranked<T> failure(T element, Failure failure, String model, String revision) {
    return new Ranked<>(
        element,
        List.of(),
        List.of(),
        requireNonNull(failure, "failure is null"),
        model,
        revision,
        List.of());
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
            Types.STRING,
            "stages",
            Types.LIST(TypeInformation.of(Stage.class)));
    return (TypeInformation<Ranked<T>>) (TypeInformation<?>) Types.POJO(Ranked.class, fields);
  }
}
