package dev.crossencoder.model.compiler.architecture;

import dev.crossencoder.model.compiler.architecture.EncoderParts.Sizes;
import dev.crossencoder.model.compiler.checkpoint.CheckpointConfig;
import dev.crossencoder.model.compiler.onnx.OnnxEncoderProgram;
import dev.crossencoder.model.compiler.onnx.OnnxHead;
import dev.crossencoder.model.compiler.onnx.OnnxProgram;
import dev.crossencoder.model.compiler.program.ProgramModule;
import dev.crossencoder.model.compiler.tensor.CheckpointTensors;
import java.util.List;
import java.util.Map;

/** ELECTRA. Its embeddings may have fewer dimensions than its layers. */
final class ElectraArchitecture implements Architecture {
  @Override
  public String name() {
    return "electra";
  }

  @Override
  public String headClass() {
    return "ElectraForSequenceClassification";
  }

  @Override
  public String prefix() {
    return "electra.";
  }

  @Override
  public Map<String, Integer> defaults() {
    return Sizes.defaults(30_522, 12, 256, 4, 1024);
  }

  @Override
  public OnnxProgram onnxProgram() {
    return new OnnxEncoderProgram(new OnnxHead("dense", "gelu", "out_proj"));
  }

  @Override
  public ProgramModule module(CheckpointConfig config, CheckpointTensors tensors) {
    Sizes sizes = Sizes.of(config);
    int hidden = sizes.hidden();
    int width = config.dimension("embedding_size", 128);
    EncoderParts parts = new EncoderParts(config, tensors);
    ProgramModule module = parts.bert(this, sizes, width);
    if (width == hidden) {
      module.set("projection_weight", List.of()).set("projection_bias", List.of());
    } else {
      String projection = prefix() + "embeddings_project.";
      module
          .set("projection_weight", List.of(tensors.get(projection + "weight", hidden, width)))
          .set("projection_bias", List.of(tensors.get(projection + "bias", hidden)));
    }
    parts.linear(module, "dense", "classifier.dense", hidden, hidden);
    parts.linear(module, "out_proj", "classifier.out_proj", config.labels().size(), hidden);
    return module;
  }
}
