package dev.crossencoder.model.compiler.architecture;

import dev.crossencoder.model.compiler.architecture.EncoderParts.Sizes;
import dev.crossencoder.model.compiler.checkpoint.CheckpointConfig;
import dev.crossencoder.model.compiler.onnx.OnnxEncoderProgram;
import dev.crossencoder.model.compiler.onnx.OnnxHead;
import dev.crossencoder.model.compiler.onnx.OnnxProgram;
import dev.crossencoder.model.compiler.program.Program;
import dev.crossencoder.model.compiler.program.ProgramModule;
import dev.crossencoder.model.compiler.tensor.CheckpointTensors;
import java.util.Map;

/**
 * RoBERTa and DistilRoBERTa, and models with RoBERTa's architecture under another name: XLM-RoBERTa
 * and CamemBERT.
 *
 * @param name the {@code model_type}
 * @param headClass the class name with a classification head
 * @param vocabulary the default vocabulary size of its configuration class
 */
record RobertaArchitecture(String name, String headClass, int vocabulary) implements Architecture {
  @Override
  public String prefix() {
    return "roberta.";
  }

  /** Positions start after the padding id, which is the position of padding tokens. */
  @Override
  public int positionOffset(CheckpointConfig config) {
    return config.count("pad_token_id", 1) + 1;
  }

  @Override
  public Program program() {
    return Program.load("roberta");
  }

  @Override
  public Map<String, Integer> defaults() {
    return Sizes.defaults(vocabulary, 12, 768, 12, 3072);
  }

  @Override
  public OnnxProgram onnxProgram() {
    return new OnnxEncoderProgram(new OnnxHead("dense", "tanh", "out_proj"));
  }

  @Override
  public ProgramModule module(CheckpointConfig config, CheckpointTensors tensors) {
    Sizes sizes = Sizes.of(config);
    int hidden = sizes.hidden();
    EncoderParts parts = new EncoderParts(config, tensors);
    ProgramModule module = parts.bert(this, sizes, hidden);
    parts.linear(module, "dense", "classifier.dense", hidden, hidden);
    parts.linear(module, "out_proj", "classifier.out_proj", config.labels().size(), hidden);
    return module;
  }
}
