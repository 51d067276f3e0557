package dev.crossencoder.bundle;

import java.util.List;
import java.util.stream.Collectors;

/** All architectures that can be compiled. */
final class Architectures {
  static final List<Architecture> ALL = List.of(new BertArchitecture());

  private Architectures() {}

  /**
   * Returns the architecture of a checkpoint.
   *
   * @throws InvalidModelException if it is not known or has no classification head
   */
  static Architecture of(CheckpointConfig config) {
    String type = config.modelType();
    Architecture architecture =
        ALL.stream()
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
    List<String> classes = config.architectures();
    if (!classes.isEmpty() && !classes.contains(architecture.headClass())) {
      throw new InvalidModelException(
          "Cannot compile %s, it has no classification head. A cross-encoder is a %s."
              .formatted(String.join(", ", classes), architecture.headClass()));
    }
    return architecture;
  }
}
