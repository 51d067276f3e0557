package dev.crossencoder.model.compiler.architecture;

import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.compiler.checkpoint.CheckpointConfig;
import dev.crossencoder.model.compiler.checkpoint.HeadModules;
import dev.crossencoder.model.compiler.onnx.OnnxProgram;
import dev.crossencoder.model.compiler.program.Program;
import dev.crossencoder.model.compiler.program.ProgramModule;
import dev.crossencoder.model.compiler.tensor.CheckpointTensors;
import dev.crossencoder.model.tokenizer.PairTemplate;
import java.util.List;
import java.util.Map;

/**
 * A family of models: the TorchScript program, and how the attributes of the program are set from a
 * checkpoint's configuration and tensors. A new architecture needs a program file, an
 * implementation of this interface, and a line in {@link Architectures}. Implementations are
 * immutable.
 */
public interface Architecture {
  /** The name in bundles, which is {@code model_type} in {@code config.json}. */
  String name();

  /** The class name in {@code architectures} of a checkpoint with a classification head. */
  String headClass();

  /**
   * The prefix of the encoder's tensors in a checkpoint with a head. Checkpoints that were saved
   * without a head have no prefix.
   */
  String prefix();

  /**
   * The values that transformers' configuration class has for keys missing in {@code config.json}.
   */
  Map<String, Integer> defaults();

  /** Alternative keys of the configuration, each with the key that it sets. An alternative wins. */
  default Map<String, String> aliases() {
    return Map.of();
  }

  /** The number of positions of the model. */
  default int maxPositions(CheckpointConfig config) {
    return config.positions(512);
  }

  /** The position id of a pair's first token. */
  default int positionOffset(CheckpointConfig config) {
    return 0;
  }

  /** The number of segments ({@code token_type_ids}) of the model; 0 if it has none. */
  default int segments(CheckpointConfig config) {
    return config.dimension("type_vocab_size", 2);
  }

  /** The labels in the order of the logits. */
  default List<String> labels(CheckpointConfig config) {
    return config.labels();
  }

  /**
   * Returns the same encoder with a head of sentence-transformers modules.
   *
   * @throws InvalidModelException if the program does not support such a head
   */
  default Architecture withHead(HeadModules modules) {
    throw new InvalidModelException(
        "Cannot compile the modules %s for model_type %s. Such a head is supported for modernbert."
            .formatted(modules, name()));
  }

  /**
   * Checks that the pair template of the tokenizer fits the program.
   *
   * @throws InvalidModelException if it does not
   */
  default void checkTemplate(CheckpointConfig config, PairTemplate template) {}

  /** The writer of the same program as an ONNX graph. */
  OnnxProgram onnxProgram();

  /** The TorchScript program. */
  default Program program() {
    return Program.load(name());
  }

  /**
   * Creates the program's module from a checkpoint. The shape of every tensor is checked against
   * the configuration.
   *
   * @throws InvalidModelException if the program does not support a value of the configuration, or
   *     a tensor has another shape
   */
  ProgramModule module(CheckpointConfig config, CheckpointTensors tensors);
}
