package dev.crossencoder.operator;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.model.Score;
import java.util.List;
import java.util.Map;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;

/**
 * A record with the scores of its pairs, or with the {@link Failure} that says why it has none.
 *
 * <p>This record can be part of Flink state. It is a Flink POJO: savepoints refer to it by the
 * names of the class and of its components, so neither may change.
 *
 * @param element the input record
 * @param scores one score per pair, in the order of {@link PairSelector#pairs}; empty if there is a
 *     failure
 * @param failure the reason why there are no scores; null if the record was scored
 * @param model the name of the model; null in state written by releases that did not store it
 * @param revision the digest of the model's bundle; null in state written by such releases
 * @param stages the models of a cascade, first to last; empty without a cascade
 * @param scoredBy for each pair the model that gave its score, as an index into {@code stages};
 *     empty without a cascade
 * @param <T> the type of the records
 */
@PublicEvolving
public record Scored<T>(
    T element,
    List<Score> scores,
    Failure failure,
    String model,
    String revision,
    List<Stage> stages,
    List<Integer> scoredBy) {
  public Scored {
    requireNonNull(element, "element is null");
    scores = List.copyOf(scores);
    // Null in state of releases without cascades.
    stages = stages == null ? List.of() : List.copyOf(stages);
    scoredBy = scoredBy == null ? List.of() : List.copyOf(scoredBy);
  }

  static <T> Scored<T> success(T element, List<Score> scores, String model, String revision) {
    return new Scored<>(element, scores, null, model, revision, List.of(), List.of());
  }

  /** Creates the result of a cascade, or of one model. */
  static <T> Scored<T> success(T element, List<PairOutcome> outcomes, List<Stage> stages) {
    Stage main = stages.get(stages.size() - 1);
    List<Stage> named = Stage.named(stages);
    return new Scored<>(
        element,
        PairOutcome.scores(outcomes),
        null,
        main.model(),
        main.revision(),
        named,
        named.isEmpty() ? List.of() : outcomes.stream().map(PairOutcome::stage).toList());
  }

  static <T> Scored<T> failure(T element, Failure failure, String model, String revision) {
    return new Scored<>(
        element,
        List.of(),
        requireNonNull(failure, "failure is null"),
        model,
        revision,
        List.of(),
        List.of());
  }

  /** Returns whether the record has a failure instead of scores. */
  public boolean failed() {
    return failure != null;
  }

  /**
   * Returns the failure code or the number of scores, without the record, which may contain texts.
   */
  @Override
  public String toString() {
    return failed() ? "Scored[" + failure.code() + "]" : "Scored[" + scores.size() + " scores]";
  }

  /**
   * Returns the type information of results for an element type. Kryo is used only if the element
   * type itself needs it.
   */
  @SuppressWarnings("unchecked")
  public static <T> TypeInformation<Scored<T>> typeInformation(TypeInformation<T> element) {
    Map<String, TypeInformation<?>> fields =
        Map.of(
            "element",
            element,
            "scores",
            Types.LIST(TypeInformation.of(Score.class)),
            "failure",
            TypeInformation.of(Failure.class),
            "model",
            Types.STRING,
            "revision",
            Types.STRING,
            "stages",
            Types.LIST(TypeInformation.of(Stage.class)),
            "scoredBy",
            Types.LIST(Types.INT));
    return (TypeInformation<Scored<T>>) (TypeInformation<?>) Types.POJO(Scored.class, fields);
  }
}
