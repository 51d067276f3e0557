package dev.crossencoder.bundle;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * What is particular to one family of models: a TorchScript program and how a checkpoint's
 * configuration and tensors become the program's attributes. The next architecture is one more
 * program file, one more implementation, and one more line in {@link Architectures}.
 */
interface Architecture {
  /**
   * The name in bundles, the program's file name, and {@code model_type} in {@code config.json}.
   */
  String name();

  /** The class in {@code architectures} of a checkpoint with a classification head. */
  String headClass();

  /** How many positions the model has been given. */
  int maxPositions(CheckpointConfig config);

  /** The position id of a sequence's first token. */
  int positionOffset(CheckpointConfig config);

  /** How many segments ({@code token_type_ids}) the model tells apart. */
  int segments(CheckpointConfig config);

  /** Sets the program's attributes, checking every tensor against the configuration. */
  void configure(ScriptModule module, CheckpointConfig config, CheckpointTensors tensors);

  /** The text of the program. */
  default String program() {
    String resource = "programs/" + name() + ".py";
    try (InputStream in = Architecture.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("Cannot find resource %s".formatted(resource));
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read resource " + resource, e);
    }
  }
}
