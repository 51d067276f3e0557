package dev.crossencoder.model.compiler.architecture;

import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.compiler.checkpoint.CheckpointConfig;
import dev.crossencoder.model.compiler.program.ProgramModule;
import dev.crossencoder.model.compiler.tensor.CheckpointTensors;
import dev.crossencoder.model.compiler.tensor.TensorData;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Builds the parts that most encoders share, {@code embeddings.py} and {@code layers.py}, from a
 * checkpoint.
 */
public final class EncoderParts {
  private final CheckpointConfig config;
  private final CheckpointTensors tensors;

  /**
   * The names of a layer's sub-layers in a checkpoint, without {@code .weight} and {@code .bias}.
   *
   * @param layer the prefix before the layer's number
   */
  record LayerNames(
      String layer,
      String query,
      String key,
      String value,
      String attentionOutput,
      String attentionNorm,
      String intermediate,
      String output,
      String outputNorm) {
    /** BERT's names, which most architectures use. */
    static LayerNames bert(String prefix) {
      return bert(prefix, "");
    }

    /** BERT's names, with a suffix to those of query, key and value. */
    static LayerNames bert(String prefix, String suffix) {
      return new LayerNames(
          prefix + "encoder.layer.",
          "attention.self.query" + suffix,
          "attention.self.key" + suffix,
          "attention.self.value" + suffix,
          "attention.output.dense",
          "attention.output.LayerNorm",
          "intermediate.dense",
          "output.dense",
          "output.LayerNorm");
    }

    String of(int layer, String name) {
      return layer() + layer + "." + name;
    }
  }

  /** The sizes of an encoder's layers. */
  public record Sizes(int layers, int hidden, int heads, int intermediate) {
    public Sizes {
      if (hidden % heads != 0) {
        throw new InvalidModelException(
            "Invalid num_attention_heads in config.json: %d. It must divide hidden_size, %d."
                .formatted(heads, hidden));
      }
    }

    /** The defaults of a configuration class, under the keys that {@link #of} reads. */
    static Map<String, Integer> defaults(
        int vocabulary, int layers, int hidden, int heads, int intermediate) {
      return Map.of(
          "vocab_size", vocabulary,
          "num_hidden_layers", layers,
          "hidden_size", hidden,
          "num_attention_heads", heads,
          "intermediate_size", intermediate);
    }

    /** Reads the sizes under the keys that most configurations use. */
    public static Sizes of(CheckpointConfig config) {
      return new Sizes(
          config.layers("num_hidden_layers"),
          config.dimension("hidden_size"),
          config.dimension("num_attention_heads"),
          config.dimension("intermediate_size"));
    }

    public int headSize() {
      return hidden / heads;
    }
  }

  EncoderParts(CheckpointConfig config, CheckpointTensors tensors) {
    this.config = config;
    this.tensors = tensors;
  }

  /**
   * Creates the module of a model with BERT's encoder and BERT's names, and sets embeddings and
   * layers.
   *
   * @param sizes the sizes of the layers
   * @param width the number of dimensions of the embeddings
   */
  ProgramModule bert(Architecture architecture, Sizes sizes, int width) {
    config.requireIfPresent("position_embedding_type", "absolute");
    config.requireIfPresent("is_decoder", "false");
    double eps = config.number("layer_norm_eps", 1e-12);
    String prefix = architecture.prefix();
    return ProgramModule.model()
        .set(
            "embeddings",
            embeddings(
                prefix + "embeddings.",
                width,
                width,
                architecture.maxPositions(config),
                architecture.segments(config),
                eps))
        .set("layers", layers(LayerNames.bert(prefix), sizes, config.hiddenAct("hidden_act"), eps));
  }

  /**
   * Creates the embeddings.
   *
   * @param name the prefix of the names of their tensors
   * @param width the number of dimensions of the tables
   * @param hidden the number of dimensions after the projection; equal to {@code width} without one
   * @param positions the number of rows of the position embeddings; 0 for none
   * @param segments the number of rows of the segment embeddings; 0 for none
   */
  ProgramModule embeddings(
      String name, int width, int hidden, int positions, int segments, double normEps) {
    ProgramModule part = ProgramModule.part("embeddings", "Embeddings");
    part.set("layer_norm_eps", normEps)
        .set(
            "words",
            tensors.get(name + "word_embeddings.weight", config.dimension("vocab_size"), width))
        .set("positions", table(name + "position_embeddings.weight", positions, width))
        .set("token_types", table(name + "token_type_embeddings.weight", segments, width))
        .set(
            "projection_weight",
            width == hidden
                ? List.of()
                : List.of(tensors.get(name + "embed_proj.weight", hidden, width)));
    norm(part, "norm", name + "LayerNorm", hidden);
    return part;
  }

  private List<TensorData> table(String name, int rows, int width) {
    return rows == 0 ? List.of() : List.of(tensors.get(name, rows, width));
  }

  /** Creates the layers. Queries, keys and values of a layer are projected by one matrix. */
  ProgramModule layers(LayerNames names, Sizes sizes, String hiddenAct, double normEps) {
    int hidden = sizes.hidden();
    List<TensorData> weights = new ArrayList<>();
    List<TensorData> biases = new ArrayList<>();
    for (int i = 0; i < sizes.layers(); i++) {
      List<TensorData> weight = new ArrayList<>();
      List<TensorData> bias = new ArrayList<>();
      for (String name : List.of(names.query(), names.key(), names.value())) {
        weight.add(tensors.get(names.of(i, name) + ".weight", hidden, hidden));
        bias.add(tensors.get(names.of(i, name) + ".bias", hidden));
      }
      weights.add(TensorData.concat(weight));
      biases.add(TensorData.concat(bias));
    }
    return layers(names, sizes, hiddenAct, normEps, weights, biases);
  }

  /**
   * Creates the layers.
   *
   * @param qkvWeights for each layer {@code [3 * hidden, hidden]}: queries, keys, values
   * @param qkvBiases for each layer {@code [3 * hidden]}
   */
  ProgramModule layers(
      LayerNames names,
      Sizes sizes,
      String hiddenAct,
      double normEps,
      List<TensorData> qkvWeights,
      List<TensorData> qkvBiases) {
    int hidden = sizes.hidden();
    int intermediate = sizes.intermediate();
    ProgramModule part = ProgramModule.part("layers", "Layers");
    part.set("num_layers", sizes.layers())
        .set("num_heads", sizes.heads())
        .set("layer_norm_eps", normEps)
        .set("hidden_act", hiddenAct)
        .set("qkv_weight", qkvWeights)
        .set("qkv_bias", qkvBiases);
    all(part, "attention_output", names, sizes, names.attentionOutput(), hidden, hidden);
    all(part, "attention_norm", names, sizes, names.attentionNorm(), hidden);
    all(part, "intermediate", names, sizes, names.intermediate(), intermediate, hidden);
    all(part, "output", names, sizes, names.output(), hidden, intermediate);
    all(part, "output_norm", names, sizes, names.outputNorm(), hidden);
    part.set("last_weights", List.of());
    return part;
  }

  /** Sets weight and bias of a sub-layer for all layers. The bias has {@code shape[0]} elements. */
  private void all(
      ProgramModule part,
      String attribute,
      LayerNames names,
      Sizes sizes,
      String name,
      Integer... shape) {
    List<TensorData> weights = new ArrayList<>();
    List<TensorData> biases = new ArrayList<>();
    for (int i = 0; i < sizes.layers(); i++) {
      weights.add(tensors.get(names.of(i, name) + ".weight", shape));
      biases.add(tensors.get(names.of(i, name) + ".bias", shape[0]));
    }
    part.set(attribute + "_weight", weights).set(attribute + "_bias", biases);
  }

  /** Sets weight and bias of a linear layer. */
  void linear(ProgramModule module, String attribute, String name, int outputs, int inputs) {
    module
        .set(attribute + "_weight", tensors.get(name + ".weight", outputs, inputs))
        .set(attribute + "_bias", tensors.get(name + ".bias", outputs));
  }

  /** Sets weight and bias of a layer norm. */
  void norm(ProgramModule module, String attribute, String name, int size) {
    module
        .set(attribute + "_weight", tensors.get(name + ".weight", size))
        .set(attribute + "_bias", tensors.get(name + ".bias", size));
  }
}
