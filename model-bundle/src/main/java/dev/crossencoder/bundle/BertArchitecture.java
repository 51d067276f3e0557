package dev.crossencoder.bundle;

import java.util.ArrayList;
import java.util.List;

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
  public int maxPositions(CheckpointConfig config) {
    return config.dimension("max_position_embeddings");
  }

  @Override
  public int positionOffset(CheckpointConfig config) {
    return 0;
  }

  @Override
  public int segments(CheckpointConfig config) {
    return config.dimension("type_vocab_size");
  }

  @Override
  public void configure(ScriptModule module, CheckpointConfig config, CheckpointTensors tensors) {
    config.requireIfPresent("hidden_act", "gelu");
    config.requireIfPresent("position_embedding_type", "absolute");
    config.requireIfPresent("is_decoder", "false");
    int hidden = config.dimension("hidden_size");
    int heads = config.dimension("num_attention_heads");
    if (hidden % heads != 0) {
      throw new InvalidModelException(
          "Invalid num_attention_heads in config.json: %d. It must divide hidden_size, %d."
              .formatted(heads, hidden));
    }
    int layers = config.dimension("num_hidden_layers");
    int labels = config.labels().size();

    module
        .set("num_layers", layers)
        .set("num_heads", heads)
        .set("layer_norm_eps", config.number("layer_norm_eps"));
    String embeddings = "bert.embeddings.";
    module
        .set(
            "word_embeddings",
            tensors.float32(
                embeddings + "word_embeddings.weight", config.dimension("vocab_size"), hidden))
        .set(
            "position_embeddings",
            tensors.float32(
                embeddings + "position_embeddings.weight", maxPositions(config), hidden))
        .set(
            "token_type_embeddings",
            tensors.float32(embeddings + "token_type_embeddings.weight", segments(config), hidden))
        .set("embeddings_norm_weight", tensors.float32(embeddings + "LayerNorm.weight", hidden))
        .set("embeddings_norm_bias", tensors.float32(embeddings + "LayerNorm.bias", hidden));

    configureLayers(module, tensors, layers, hidden, config.dimension("intermediate_size"));

    module
        .set("pooler_weight", tensors.float32("bert.pooler.dense.weight", hidden, hidden))
        .set("pooler_bias", tensors.float32("bert.pooler.dense.bias", hidden))
        .set("classifier_weight", tensors.float32("classifier.weight", labels, hidden))
        .set("classifier_bias", tensors.float32("classifier.bias", labels));
  }

  private static void configureLayers(
      ScriptModule module, CheckpointTensors tensors, int layers, int hidden, int intermediate) {
    List<TensorData> qkvWeight = new ArrayList<>();
    List<TensorData> qkvBias = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      String self = "bert.encoder.layer." + i + ".attention.self.";
      qkvWeight.add(
          TensorData.concat(
              List.of(
                  tensors.float32(self + "query.weight", hidden, hidden),
                  tensors.float32(self + "key.weight", hidden, hidden),
                  tensors.float32(self + "value.weight", hidden, hidden))));
      qkvBias.add(
          TensorData.concat(
              List.of(
                  tensors.float32(self + "query.bias", hidden),
                  tensors.float32(self + "key.bias", hidden),
                  tensors.float32(self + "value.bias", hidden))));
    }
    LayerTensors layer = new LayerTensors(tensors, layers);
    module
        .set("qkv_weight", qkvWeight)
        .set("qkv_bias", qkvBias)
        .set("attention_output_weight", layer.all("attention.output.dense.weight", hidden, hidden))
        .set("attention_output_bias", layer.all("attention.output.dense.bias", hidden))
        .set("attention_norm_weight", layer.all("attention.output.LayerNorm.weight", hidden))
        .set("attention_norm_bias", layer.all("attention.output.LayerNorm.bias", hidden))
        .set("intermediate_weight", layer.all("intermediate.dense.weight", intermediate, hidden))
        .set("intermediate_bias", layer.all("intermediate.dense.bias", intermediate))
        .set("output_weight", layer.all("output.dense.weight", hidden, intermediate))
        .set("output_bias", layer.all("output.dense.bias", hidden))
        .set("output_norm_weight", layer.all("output.LayerNorm.weight", hidden))
        .set("output_norm_bias", layer.all("output.LayerNorm.bias", hidden));
  }

  /** One tensor of every layer, in the layers' order. */
  private record LayerTensors(CheckpointTensors tensors, int layers) {
    List<TensorData> all(String name, Integer... shape) {
      List<TensorData> all = new ArrayList<>();
      for (int i = 0; i < layers; i++) {
        all.add(tensors.float32("bert.encoder.layer." + i + "." + name, shape));
      }
      return all;
    }
  }
}
