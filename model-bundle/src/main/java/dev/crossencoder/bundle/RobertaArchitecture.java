package dev.crossencoder.bundle;

import dev.crossencoder.bundle.EncoderParts.LayerNames;
import dev.crossencoder.bundle.EncoderParts.Sizes;

/**
 * RoBERTa and DistilRoBERTa, and those that are RoBERTas under another name: XLM-RoBERTa and
 * CamemBERT.
 *
 * @param name the {@code model_type}
 * @param headClass the class with a classification head
 */
record RobertaArchitecture(String name, String headClass) implements Architecture {
  @Override
  public String prefix() {
    return "roberta.";
  }

  /** Positions are counted from the padding id, which is the position of padding itself. */
  @Override
  public int positionOffset(CheckpointConfig config) {
    return config.tokenId("pad_token_id", 1) + 1;
  }

  @Override
  public int segments(CheckpointConfig config) {
    return config.dimension("type_vocab_size", 2);
  }

  @Override
  public Program program() {
    return Program.load("roberta");
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
    parts.linear(module, "dense", "classifier.dense", hidden, hidden);
    parts.linear(module, "out_proj", "classifier.out_proj", config.labels().size(), hidden);
    return module;
  }
}
