package dev.crossencoder.bundle;

import dev.crossencoder.bundle.EncoderParts.LayerNames;
import dev.crossencoder.bundle.EncoderParts.Sizes;
import java.util.List;

/** ELECTRA. Its embeddings may be narrower than its layers. */
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
  public int segments(CheckpointConfig config) {
    return config.dimension("type_vocab_size", 2);
  }

  @Override
  public ScriptModule module(CheckpointConfig config, CheckpointTensors tensors) {
    config.requireIfPresent("position_embedding_type", "absolute");
    config.requireIfPresent("is_decoder", "false");
    Sizes sizes = Sizes.of(config);
    int hidden = sizes.hidden();
    int width = config.dimension("embedding_size", 128);
    double eps = config.number("layer_norm_eps", 1e-12);
    EncoderParts parts = new EncoderParts(config, tensors);
    ScriptModule module =
        ScriptModule.model()
            .set(
                "embeddings",
                parts.embeddings(
                    prefix() + "embeddings.",
                    width,
                    width,
                    maxPositions(config),
                    segments(config),
                    eps))
            .set(
                "layers",
                parts.layers(
                    LayerNames.bert(prefix()), sizes, config.hiddenAct("hidden_act"), eps));
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
