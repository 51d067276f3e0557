package dev.crossencoder.model.compiler.architecture;

import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.compiler.checkpoint.CheckpointConfig;
import dev.crossencoder.model.compiler.program.ProgramModule;
import dev.crossencoder.model.compiler.tensor.CheckpointTensors;
import java.util.List;
import java.util.stream.Collectors;

/** The supported architectures. */
public final class Architectures {
  public static final List<Architecture> ALL =
      List.of(
          new BertArchitecture(),
          new RobertaArchitecture("roberta", "RobertaForSequenceClassification", 50_265),
          new RobertaArchitecture("xlm-roberta", "XLMRobertaForSequenceClassification", 30_522),
          new RobertaArchitecture("camembert", "CamembertForSequenceClassification", 30_522),
          new ElectraArchitecture(),
          new DistilBertArchitecture(),
          new DebertaArchitecture(),
          new DebertaV2Architecture(),
          new ModernBertArchitecture(),
          new BartArchitecture());

  private Architectures() {}

  /**
   * Returns the architecture of a checkpoint.
   *
   * @throws InvalidModelException if its {@code model_type} is not supported
   */
  public static Architecture of(CheckpointConfig config) {
    String type = config.modelType();
    return ALL.stream()
        .filter(candidate -> candidate.name().equals(type))
        .findFirst()
        .orElseThrow(() -> config.ownCode().isPresent() ? ownCode(config, null) : unknown(type));
  }

  private static InvalidModelException unknown(String type) {
    return new InvalidModelException(
        "Cannot compile model_type %s. Known architectures: %s.".formatted(type, names()));
  }

  private static String names() {
    return ALL.stream().map(Architecture::name).collect(Collectors.joining(", "));
  }

  /** The error for a checkpoint with Python code of its own ({@code auto_map}). */
  private static InvalidModelException ownCode(
      CheckpointConfig config, InvalidModelException cause) {
    return new InvalidModelException(
        "Cannot compile model_type %s, the checkpoint contains its own code for it (auto_map: %s), which is never run here; it must be a model that a class of transformers computes, with model_type %s."
            .formatted(config.modelType(), config.ownCode().orElse(""), names()),
        cause);
  }

  /**
   * Creates the program's module from a checkpoint.
   *
   * @throws InvalidModelException if the checkpoint has no trained classification head, has a head
   *     of another type, or does not fit its configuration
   */
  public static ProgramModule module(
      Architecture architecture, CheckpointConfig config, CheckpointTensors tensors) {
    try {
      return ownModule(architecture, config, tensors);
    } catch (InvalidModelException e) {
      throw config.ownCode().isPresent() ? ownCode(config, e) : e;
    }
  }

  private static ProgramModule ownModule(
      Architecture architecture, CheckpointConfig config, CheckpointTensors tensors) {
    tensors.allowMissingPrefix(architecture.prefix());
    ProgramModule module = architecture.module(config, tensors);
    tensors.requireAll(architecture.headClass());
    List<String> classes = config.architectures();
    if (!classes.isEmpty() && !classes.contains(architecture.headClass())) {
      // Heads for token classification or multiple choice can have tensors of the same names.
      throw new InvalidModelException(
          "Cannot compile %s, it is not a pair classifier. A cross-encoder is a %s."
              .formatted(String.join(", ", classes), architecture.headClass()));
    }
    return module;
  }
}
