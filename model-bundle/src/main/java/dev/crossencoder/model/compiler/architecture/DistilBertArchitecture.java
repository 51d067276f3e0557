package dev.crossencoder.model.compiler.architecture;

import dev.crossencoder.model.compiler.architecture.EncoderParts.LayerNames;
import dev.crossencoder.model.compiler.architecture.EncoderParts.Sizes;
import dev.crossencoder.model.compiler.checkpoint.CheckpointConfig;
import dev.crossencoder.model.compiler.onnx.OnnxEncoderProgram;
import dev.crossencoder.model.compiler.onnx.OnnxHead;
import dev.crossencoder.model.compiler.onnx.OnnxProgram;
import dev.crossencoder.model.compiler.program.ProgramModule;
import dev.crossencoder.model.compiler.tensor.CheckpointTensors;
import java.util.Map;

/** DistilBERT. It has no segments, and its own names for configuration keys and tensors. */
final class DistilBertArchitecture implements Architecture {
  /** A constant in DistilBERT. */
  private static final double LAYER_NORM_EPS = 1e-12;

  @Override
  public String name() {
    return "distilbert";
  }

  @Override
  public String headClass() {
    return "DistilBertForSequenceClassification";
  }

  @Override
  public String prefix() {
    return "distilbert.";
  }

  @Override
  public Map<String, Integer> defaults() {
    return Map.of(
        "vocab_size", 30_522, "n_layers", 6, "dim", 768, "n_heads", 12, "hidden_dim", 3072);
  }

  @Override
  public Map<String, String> aliases() {
    return Map.of(
        "num_hidden_layers", "n_layers", "hidden_size", "dim", "num_attention_heads", "n_heads");
  }

  @Override
  public int segments(CheckpointConfig config) {
    return 0;
  }

  @Override
  public OnnxProgram onnxProgram() {
    return new OnnxEncoderProgram(new OnnxHead("pre_classifier", "relu", "classifier"));
  }

  @Override
  public ProgramModule module(CheckpointConfig config, CheckpointTensors tensors) {
    Sizes sizes =
        new Sizes(
            config.layers("n_layers"),
            config.dimension("dim"),
            config.dimension("n_heads"),
            config.dimension("hidden_dim"));
    int hidden = sizes.hidden();
    LayerNames names =
        new LayerNames(
            prefix() + "transformer.layer.",
            "attention.q_lin",
            "attention.k_lin",
            "attention.v_lin",
            "attention.out_lin",
            "sa_layer_norm",
            "ffn.lin1",
            "ffn.lin2",
            "output_layer_norm");
    EncoderParts parts = new EncoderParts(config, tensors);
    ProgramModule module =
        ProgramModule.model()
            .set(
                "embeddings",
                parts.embeddings(
                    prefix() + "embeddings.",
                    hidden,
                    hidden,
                    maxPositions(config),
                    segments(config),
                    LAYER_NORM_EPS))
            .set(
                "layers",
                parts.layers(names, sizes, config.hiddenAct("activation"), LAYER_NORM_EPS));
    parts.linear(module, "pre_classifier", "pre_classifier", hidden, hidden);
    parts.linear(module, "classifier", "classifier", config.labels().size(), hidden);
    return module;
  }
}
