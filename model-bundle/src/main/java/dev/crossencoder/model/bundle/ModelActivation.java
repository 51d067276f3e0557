package dev.crossencoder.model.bundle;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.model.Activation;
import dev.crossencoder.model.InvalidModelException;
import java.util.Optional;

/**
 * The activation that a checkpoint names. Its class may be unknown, such as a class that the author
 * of the checkpoint wrote; then the user has to choose an activation.
 *
 * @param name the {@link Activation#key}, or the name of the unknown class
 * @param known the activation; empty if the class is unknown
 */
public record ModelActivation(String name, Optional<Activation> known) {
  private static final int MAX_NAME_LENGTH = 200;

  public ModelActivation {
    requireNonNull(name, "name is null");
    requireNonNull(known, "known is null");
  }

  /** A known activation. */
  public static ModelActivation of(Activation activation) {
    return new ModelActivation(activation.key(), Optional.of(activation));
  }

  /** An unknown activation with the checkpoint's name for it, cut after 200 characters. */
  public static ModelActivation unknown(String name) {
    return new ModelActivation(
        name.length() <= MAX_NAME_LENGTH ? name : name.substring(0, MAX_NAME_LENGTH) + "…",
        Optional.empty());
  }

  /**
   * Returns the activation for a Python class name.
   *
   * @param className the qualified name, such as {@code torch.nn.modules.activation.Sigmoid}
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
   * Returns the activation, if it can score.
   *
   * @param model the name of the model in messages
   * @param labels the number of labels
   * @throws InvalidModelException if the activation is unknown, or gives all pairs the same score
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

  /** Returns whether an activation gives all pairs the same score. */
  public static boolean isConstant(Activation activation, int labels) {
    return labels == 1 && activation.comparesLabels();
  }

  /** The message for an activation that gives all pairs the same score; it names alternatives. */
  public static String constant(String model, Activation activation) {
    return "Cannot score with %s, %s over its one label is %s for every pair. Choose another activation, sigmoid for scores from 0 to 1 or identity for the logit: --activation, in Flink cross-encoder.activation, in Java withActivation."
        .formatted(model, activation.key(), activation == Activation.LOG_SOFTMAX ? "0" : "1");
  }

  /** Returns the name, with a remark if the activation is unknown. */
  @Override
  public String toString() {
    return known.isPresent() ? name : name + " (not known: choose one with --activation)";
  }
}
