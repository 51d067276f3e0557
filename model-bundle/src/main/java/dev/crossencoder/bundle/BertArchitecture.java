package dev.crossencoder.bundle;

import dev.crossencoder.bundle.EncoderParts.LayerNames;
import dev.crossencoder.bundle.EncoderParts.Sizes;

/** BERT, and all that are BERTs of another size: MiniLM, TinyBERT. */
final class BertArchitecture implements Architecture {
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
  public int segments(CheckpointConfig config) {
    return config.dimension("type_vocab_size", 2);
  }

  @Override
  public ScriptModule module(CheckpointConfig config, CheckpointTensors tensors) {
    config.requireIfPresent("position_embedding_type", "absolute");
    config.requireIfPresent("is_decoder", "false");
    Sizes sizes = Sizes.of(config);
    int hidden = sizes.hidden();
    double eps = config.number("layer_norm_eps", 1e-12);
    EncoderParts parts = new EncoderParts(config, tensors);
    ScriptModule module =
        ScriptModule.model()
            .set(
                "embeddings",
                parts.embeddings(
                    prefix() + "embeddings.",
                    hidden,
                    hidden,
                    maxPositions(config),
                    segments(config),
                    eps))
            .set(
                "layers",
                parts.layers(
                    LayerNames.bert(prefix()), sizes, config.hiddenAct("hidden_act"), eps));
    parts.linear(module, "pooler", prefix() + "pooler.dense", hidden, hidden);
    parts.linear(module, "classifier", "classifier", config.labels().size(), hidden);
    return module;
  }
}
