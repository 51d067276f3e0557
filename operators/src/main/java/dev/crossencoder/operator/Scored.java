package dev.crossencoder.operator;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.model.Score;
import java.util.List;
import java.util.Map;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;

/**
 * A record with the scores of its pairs, or with the reason why it has none.
 *
 * <p>It can be part of state: a Flink POJO, which savepoints find by the names of this class and of
 * its components.
 *
 * @param element the record, as it came in
 * @param scores one score a pair, in the selector's order; empty if there is a failure
 * @param failure why there are no scores; null if there are
 * @param model the name of the model that scored it; null in state of releases that did not keep it
 * @param revision the digest of the bundle that scored it; null in state of such releases
 * @param <T> the type of the records
 */
@PublicEvolving
public record Scored<T>(
    T element, List<Score> scores, Failure failure, String model, String revision) {
  public Scored {
    requireNonNull(element, "element is null");
    scores = List.copyOf(scores);
  }

  static <T> Scored<T> success(T element, List<Score> scores, String model, String revision) {
    return new Scored<>(element, scores, null, model, revision);
  }

  static <T> Scored<T> failure(T element, Failure failure, String model, String revision) {
    return new Scored<>(
        element, List.of(), requireNonNull(failure, "failure is null"), model, revision);
  }

  /** Whether the record could not be scored. */
  public boolean failed() {
    return failure != null;
  }

  /** Names the outcome only: a record's own {@code toString} may hold texts. */
  @Override
  public String toString() {
    return failed() ? "Scored[" + failure.code() + "]" : "Scored[" + scores.size() + " scores]";
  }

  /** Describes results for records of a type, without Kryo as far as that type needs none. */
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
            Types.STRING);
    return (TypeInformation<Scored<T>>) (TypeInformation<?>) Types.POJO(Scored.class, fields);
  }
}
