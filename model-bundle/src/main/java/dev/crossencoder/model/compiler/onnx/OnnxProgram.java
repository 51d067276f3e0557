package dev.crossencoder.model.compiler.onnx;

import dev.crossencoder.model.Precision;
import dev.crossencoder.model.compiler.program.ProgramModule;

/**
 * Writes the program of a model as an ONNX graph for packed batches:
 *
 * <pre>
 *   input_ids, token_type_ids, position_ids   [T]      the tokens of n pairs, one after the other
 *   offsets                                   [n + 1]  the index of each pair's first token, and T
 *   logits                                    [n, num_labels], float32
 * </pre>
 */
@FunctionalInterface
public interface OnnxProgram {
  /**
   * Writes the program.
   *
   * @param model the module of the TorchScript program
   * @param precision {@link Precision#FP32}, or {@link Precision#INT8} for 8-bit linear layers
   */
  void write(OnnxGraph graph, ProgramModule model, Precision precision);
}
