package dev.crossencoder.model.bundle;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.model.Activation;
import dev.crossencoder.model.InvalidModelException;
import java.util.Optional;

/**
 * The activation that a checkpoint names. It may be of a class that is not known, such as one of
 * the checkpoint's author; then whoever opens the model has to choose one.
 *
 * @param name the {@link Activation#key}, or the name of the class that is not known
 * @param known the activation; empty if it is not known
 */
public record ModelActivation(String name, Optional<Activation> known) {
  private static final int MAX_NAME_LENGTH = 200;

  public ModelActivation {
    requireNonNull(name, "name is null");
    requireNonNull(known, "known is null");
  }

  /** One that is known. */
  public static ModelActivation of(Activation activation) {
    return new ModelActivation(activation.key(), Optional.of(activation));
  }

  /** One that is not known, by what the checkpoint calls it. */
  public static ModelActivation unknown(String name) {
    return new ModelActivation(
        name.length() <= MAX_NAME_LENGTH ? name : name.substring(0, MAX_NAME_LENGTH) + "…",
        Optional.empty());
  }

  /**
   * Reads the name of a class of Python's.
   *
   * @param className such as {@code torch.nn.modules.activation.Sigmoid}
   */
  public static ModelActivation ofClass(String className) {
    int dot = className.lastIndexOf('.');
    String module = className.substring(0, Math.max(0, dot));
    return switch (module) {
      case "torch.nn",
          "torch.nn.modules",
          "torch.nn.modules.activation",
          "torch.nn.modules.linear" ->
          Activation.ofTorchClass(className.substring(dot + 1))
              .map(ModelActivation::of)
              .orElseGet(() -> unknown(className));
      default -> unknown(className);
    };
  }

  /**
   * Says that there is an activation with which a model gives scores.
   *
   * @param model what the message calls the model
   * @param labels how many there are
   * @return the activation
   * @throws InvalidModelException if it is not known, or gives all pairs the same score
   */
  public Activation require(String model, int labels) {
    Activation activation =
        known.orElseThrow(
            () ->
                new InvalidModelException(
                    "Cannot score with %s, it names the activation %s, which is not known here and is never loaded. Choose what turns its logits into scores, %s: --activation, in Flink cross-encoder.activation, in Java withActivation."
                        .formatted(model, name, Activation.keys())));
    if (isConstant(activation, labels)) {
      throw new InvalidModelException(constant(model, activation));
    }
    return activation;
  }

  /** Whether an activation gives all pairs the same score. */
  public static boolean isConstant(Activation activation, int labels) {
    return labels == 1 && activation.comparesLabels();
  }

  /** Says that an activation gives all pairs the same score, and what to choose instead. */
  public static String constant(String model, Activation activation) {
    return "Cannot score with %s, %s over its one label is %s for every pair. Choose another activation, sigmoid for scores from 0 to 1 or identity for the logit: --activation, in Flink cross-encoder.activation, in Java withActivation."
        .formatted(model, activation.key(), activation == Activation.LOG_SOFTMAX ? "0" : "1");
  }

  /** The name, as reports print it. */
  @Override
  public String toString() {
    return known.isPresent() ? name : name + " (not known: choose one with --activation)";
  }
}
