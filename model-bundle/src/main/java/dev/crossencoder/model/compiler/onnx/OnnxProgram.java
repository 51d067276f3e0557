package dev.crossencoder.model.compiler.onnx;

import dev.crossencoder.model.Precision;
import dev.crossencoder.model.compiler.program.ProgramModule;

/**
 * Writes a model's program as a graph that takes a packed batch:
 *
 * <pre>
 *   input_ids, token_type_ids, position_ids   [T]      the tokens of n sequences, one after the other
 *   offsets                                   [n + 1]  where each sequence starts; the last is T
 *   logits                                    [n, num_labels], float32
 * </pre>
 */
@FunctionalInterface
public interface OnnxProgram {
  /**
   * Writes the program.
   *
   * @param model the object of the TorchScript program
   * @param precision {@link Precision#FP32}, or {@link Precision#INT8} for the linear layers
   */
  void write(OnnxGraph graph, ProgramModule model, Precision precision);
}
