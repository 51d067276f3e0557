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
 * What is particular to one family of models: a TorchScript program and how a checkpoint's
 * configuration and tensors become the program's attributes. The next architecture is one more
 * program file, one more implementation, and one more line in {@link Architectures}.
 */
public interface Architecture {
  /** The name in bundles, and {@code model_type} in {@code config.json}. */
  String name();

  /** The class in {@code architectures} of a checkpoint with a classification head. */
  String headClass();

  /** How the encoder's tensors are named in a checkpoint with a head; some are saved without. */
  String prefix();

  /**
   * The sizes that transformers' configuration class assumes where {@code config.json} has none.
   */
  Map<String, Integer> defaults();

  /** Other names that transformers' configuration class knows for its own, which it prefers. */
  default Map<String, String> aliases() {
    return Map.of();
  }

  /** How many positions the model has been given. */
  default int maxPositions(CheckpointConfig config) {
    return config.positions(512);
  }

  /** The position id of a sequence's first token. */
  default int positionOffset(CheckpointConfig config) {
    return 0;
  }

  /** How many segments ({@code token_type_ids}) the model tells apart; 0 if it knows none. */
  default int segments(CheckpointConfig config) {
    return config.dimension("type_vocab_size", 2);
  }

  /** The labels in the order of the logits. */
  default List<String> labels(CheckpointConfig config) {
    return config.labels();
  }

  /**
   * Returns the same encoder under a head of modules.
   *
   * @throws InvalidModelException if its program does not compute such a head
   */
  default Architecture withHead(HeadModules modules) {
    throw new InvalidModelException(
        "Cannot compile the modules %s for model_type %s. Such a head is supported for modernbert."
            .formatted(modules, name()));
  }

  /**
   * Checks that the program reads what the tokenizer gives.
   *
   * @throws InvalidModelException if it does not
   */
  default void checkTemplate(CheckpointConfig config, PairTemplate template) {}

  /** What writes the program as a graph for ONNX Runtime, from the same object. */
  OnnxProgram onnxProgram();

  /** The program. */
  default Program program() {
    return Program.load(name());
  }

  /**
   * Makes the program's object from a checkpoint, checking every tensor against the configuration.
   *
   * @throws InvalidModelException if the program does not compute what the configuration asks for,
   *     or a tensor is missing or of another shape
   */
  ProgramModule module(CheckpointConfig config, CheckpointTensors tensors);
}
