package dev.crossencoder.bundle;

import java.util.List;
import java.util.stream.Collectors;

/** All architectures that can be compiled. */
final class Architectures {
  static final List<Architecture> ALL =
      List.of(
          new BertArchitecture(),
          new RobertaArchitecture("roberta", "RobertaForSequenceClassification"),
          new RobertaArchitecture("xlm-roberta", "XLMRobertaForSequenceClassification"),
          new RobertaArchitecture("camembert", "CamembertForSequenceClassification"),
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
        .orElseThrow(
            () ->
                new InvalidModelException(
                    "Cannot compile model_type %s. Known architectures: %s."
                        .formatted(
                            type,
                            ALL.stream()
                                .map(Architecture::name)
                                .collect(Collectors.joining(", ")))));
  }

  /**
   * Makes the program's object from a checkpoint.
   *
   * @throws InvalidModelException if the checkpoint has no trained classification head, or one of
   *     another kind, or contradicts its configuration
   */
  static ScriptModule module(
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
