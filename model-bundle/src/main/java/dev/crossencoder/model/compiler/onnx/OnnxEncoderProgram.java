package dev.crossencoder.model.compiler.onnx;

import dev.crossencoder.model.Precision;
import dev.crossencoder.model.compiler.program.ProgramModule;

/**
 * The program of a model with the encoder of BERT or DeBERTa.
 *
 * @param head the classification head
 */
public record OnnxEncoderProgram(OnnxHead head) implements OnnxProgram {
  @Override
  public void write(OnnxGraph graph, ProgramModule model, Precision precision) {
    OnnxEncoder.write(graph, model, head, precision);
  }
}
