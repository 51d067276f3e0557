package dev.crossencoder.model.compiler.onnx;

import dev.crossencoder.model.Precision;
import dev.crossencoder.model.compiler.program.ProgramModule;

/**
 * The program of a model that has the encoder of BERT or DeBERTa.
 *
 * @param head the classifier on the encoder
 */
public record OnnxEncoderProgram(OnnxHead head) implements OnnxProgram {
  @Override
  public void write(OnnxGraph graph, ProgramModule model, Precision precision) {
    OnnxEncoder.write(graph, model, head, precision);
  }
}
