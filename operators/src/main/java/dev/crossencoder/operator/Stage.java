package dev.crossencoder.operator;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.apache.flink.annotation.PublicEvolving;

/**
 * A model of a cascade.
 *
 * <p>This record can be part of Flink state. It is a Flink POJO: savepoints refer to it by the
 * names of the class and of its components, so neither may change.
 *
 * @param model the name of the model
 * @param revision the digest of the model's bundle
 */
@PublicEvolving
public record Stage(String model, String revision) {
  public Stage {
    requireNonNull(model, "model is null");
    requireNonNull(revision, "revision is null");
  }

  /** Returns the stages that a result names: none unless there is a cascade. */
  static List<Stage> named(List<Stage> stages) {
    return stages.size() > 1 ? stages : List.of();
  }
}
