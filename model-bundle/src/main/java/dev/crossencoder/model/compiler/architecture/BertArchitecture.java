package dev.crossencoder.model.compiler.architecture;

import dev.crossencoder.model.compiler.architecture.EncoderParts.Sizes;
import dev.crossencoder.model.compiler.checkpoint.CheckpointConfig;
import dev.crossencoder.model.compiler.onnx.OnnxEncoderProgram;
import dev.crossencoder.model.compiler.onnx.OnnxHead;
import dev.crossencoder.model.compiler.onnx.OnnxProgram;
import dev.crossencoder.model.compiler.program.ProgramModule;
import dev.crossencoder.model.compiler.tensor.CheckpointTensors;
import java.util.Map;

/** BERT, and models with BERT's architecture in other sizes, such as MiniLM and TinyBERT. */
public final class BertArchitecture implements Architecture {
  @Override
  public String name() {
    return "bert";
  }

  @Override
  public String headClass() {
    return "BertForSequenceClassification";
  }

  @Override
  public String prefix() {
    return "bert.";
  }

  @Override
  public Map<String, Integer> defaults() {
    return Sizes.defaults(30_522, 12, 768, 12, 3072);
  }

  @Override
  public OnnxProgram onnxProgram() {
    return new OnnxEncoderProgram(new OnnxHead("pooler", "tanh", "classifier"));
  }

  @Override
  public ProgramModule module(CheckpointConfig config, CheckpointTensors tensors) {
    Sizes sizes = Sizes.of(config);
    int hidden = sizes.hidden();
    EncoderParts parts = new EncoderParts(config, tensors);
    ProgramModule module = parts.bert(this, sizes, hidden);
    parts.linear(module, "pooler", prefix() + "pooler.dense", hidden, hidden);
    parts.linear(module, "classifier", "classifier", config.labels().size(), hidden);
    return module;
  }
}
