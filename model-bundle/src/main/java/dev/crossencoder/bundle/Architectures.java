package dev.crossencoder.bundle;

import java.util.List;
import java.util.stream.Collectors;

/** All architectures that can be compiled. */
final class Architectures {
  static final List<Architecture> ALL =
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
   * @throws InvalidModelException if it is not known
   */
  static Architecture of(CheckpointConfig config) {
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

  /** Says why a checkpoint with code of its own does not fit. */
  private static InvalidModelException ownCode(
      CheckpointConfig config, InvalidModelException cause) {
    return new InvalidModelException(
        "Cannot compile model_type %s, the checkpoint computes it with code of its own (auto_map: %s), which is never run here; it must be as transformers' own classes compute it, of model_type %s."
            .formatted(config.modelType(), config.ownCode().orElse(""), names()),
        cause);
  }

  /**
   * Makes the program's object from a checkpoint.
   *
   * @throws InvalidModelException if the checkpoint has no trained classification head, or one of
   *     another kind, or contradicts its configuration
   */
  static ScriptModule module(
      Architecture architecture, CheckpointConfig config, CheckpointTensors tensors) {
    try {
      return ownModule(architecture, config, tensors);
    } catch (InvalidModelException e) {
      throw config.ownCode().isPresent() ? ownCode(config, e) : e;
    }
  }

  private static ScriptModule ownModule(
      Architecture architecture, CheckpointConfig config, CheckpointTensors tensors) {
    tensors.allowMissingPrefix(architecture.prefix());
    ScriptModule module = architecture.module(config, tensors);
    tensors.requireAll(architecture.headClass());
    List<String> classes = config.architectures();
    if (!classes.isEmpty() && !classes.contains(architecture.headClass())) {
      // Heads for tokens or multiple choice may have tensors of the same names.
      throw new InvalidModelException(
          "Cannot compile %s, it is no classifier of pairs. A cross-encoder is a %s."
              .formatted(String.join(", ", classes), architecture.headClass()));
    }
    return module;
  }
}
