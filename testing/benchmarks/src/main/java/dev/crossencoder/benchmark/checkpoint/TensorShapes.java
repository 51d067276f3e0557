package dev.crossencoder.benchmark.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Names and shapes of the tensors of a classifier, as transformers saves them. */
final class TensorShapes {
  private final JsonNode config;
  private final String prefix;
  private final int hidden;
  private final Map<String, List<Integer>> shapes = new LinkedHashMap<>();

  private TensorShapes(JsonNode config, String prefix) {
    this.config = config;
    this.prefix = prefix;
    this.hidden = size("hidden_size");
  }

  /**
   * Lists all tensors of a model.
   *
   * @param config the content of {@code config.json}: a {@code bert}, {@code roberta}, {@code
   *     electra} or {@code deberta-v2}
   * @param labels the number of logits
   */
  static Map<String, List<Integer>> of(JsonNode config, int labels) {
    String type = config.path("model_type").textValue();
    TensorShapes model =
        new TensorShapes(config, type.equals("deberta-v2") ? "deberta." : type + ".");
    switch (type) {
      case "bert" -> {
        model.encoder("");
        model.linear(model.prefix + "pooler.dense", model.hidden, model.hidden);
        model.linear("classifier", labels, model.hidden);
      }
      case "roberta", "electra" -> {
        model.encoder("");
        model.linear("classifier.dense", model.hidden, model.hidden);
        model.linear("classifier.out_proj", labels, model.hidden);
      }
      case "deberta-v2" -> {
        model.encoder("_proj");
        int distances = 2 * model.size("position_buckets");
        model.put(model.prefix + "encoder.rel_embeddings.weight", distances, model.hidden);
        model.norm(model.prefix + "encoder.LayerNorm");
        model.linear("pooler.dense", model.hidden, model.hidden);
        model.linear("classifier", labels, model.hidden);
      }
      default ->
          throw new IllegalArgumentException(
              "Invalid model_type: %s. It must be one of bert, roberta, electra, deberta-v2."
                  .formatted(type));
    }
    return model.shapes;
  }

  /** Adds embeddings and layers with the names of BERT. */
  private void encoder(String projectionSuffix) {
    String embeddings = prefix + "embeddings.";
    put(embeddings + "word_embeddings.weight", size("vocab_size"), hidden);
    if (config.path("position_biased_input").asBoolean(true)) {
      put(embeddings + "position_embeddings.weight", size("max_position_embeddings"), hidden);
    }
    if (size("type_vocab_size") > 0) {
      put(embeddings + "token_type_embeddings.weight", size("type_vocab_size"), hidden);
    }
    norm(embeddings + "LayerNorm");
    for (int i = 0; i < size("num_hidden_layers"); i++) {
      String layer = prefix + "encoder.layer." + i + ".";
      for (String projection : List.of("query", "key", "value")) {
        linear(layer + "attention.self." + projection + projectionSuffix, hidden, hidden);
      }
      linear(layer + "attention.output.dense", hidden, hidden);
      norm(layer + "attention.output.LayerNorm");
      linear(layer + "intermediate.dense", size("intermediate_size"), hidden);
      linear(layer + "output.dense", hidden, size("intermediate_size"));
      norm(layer + "output.LayerNorm");
    }
  }

  private int size(String key) {
    return config.path(key).intValue();
  }

  private void linear(String name, int outputs, int inputs) {
    put(name + ".weight", outputs, inputs);
    put(name + ".bias", outputs);
  }

  private void norm(String name) {
    put(name + ".weight", hidden);
    put(name + ".bias", hidden);
  }

  private void put(String name, Integer... shape) {
    shapes.put(name, List.of(shape));
  }
}
