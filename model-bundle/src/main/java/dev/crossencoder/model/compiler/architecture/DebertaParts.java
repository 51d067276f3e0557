package dev.crossencoder.model.compiler.architecture;

import dev.crossencoder.model.compiler.architecture.EncoderParts.Sizes;
import dev.crossencoder.model.compiler.checkpoint.CheckpointConfig;
import dev.crossencoder.model.compiler.program.ProgramModule;
import dev.crossencoder.model.compiler.tensor.CheckpointTensors;
import dev.crossencoder.model.compiler.tensor.ConstantFolding;
import dev.crossencoder.model.compiler.tensor.TensorData;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;

/**
 * Builds the parts that DeBERTa v1 and v2 share: embeddings, relative positions, pooler and head of
 * {@code deberta.py}.
 */
final class DebertaParts {
  private final CheckpointConfig config;
  private final Sizes sizes;
  private final String prefix;
  private final EncoderParts parts;
  private final List<String> positionTerms;

  /** The weight {@code [hidden, hidden]} and bias {@code [hidden]} of a linear layer. */
  record Projection(TensorData weight, TensorData bias) {}

  DebertaParts(CheckpointConfig config, CheckpointTensors tensors, Sizes sizes, String prefix) {
    this.config = config;
    this.sizes = sizes;
    this.prefix = prefix;
    this.parts = new EncoderParts(config, tensors);
    this.positionTerms = config.alternatives("pos_att_type");
    if (!List.of("c2p", "p2c").containsAll(positionTerms)) {
      throw config.unsupported("pos_att_type", "c2p and p2c");
    }
  }

  EncoderParts parts() {
    return parts;
  }

  double normEps() {
    return config.number("layer_norm_eps", 1e-7);
  }

  /** The number of positions, with or without absolute position embeddings. */
  int maxPositions() {
    return config.positions(512);
  }

  /** The distance from which on all relative positions are the same. */
  int maxRelativePositions() {
    int configured = config.integer("max_relative_positions", -1);
    return configured < 1 ? maxPositions() : configured;
  }

  boolean relative() {
    return config.flag("relative_attention", false);
  }

  /**
   * Creates the module, without relative positions and convolution.
   *
   * @param segments the number of rows of the segment embeddings; 0 for none
   */
  ProgramModule module(ProgramModule layers, int segments) {
    int hidden = sizes.hidden();
    if (config.dimension("pooler_hidden_size", hidden) != hidden) {
      throw config.unsupported("pooler_hidden_size", "hidden_size, " + hidden + ",");
    }
    int positions = config.flag("position_biased_input", true) ? maxPositions() : 0;
    ProgramModule module =
        ProgramModule.model()
            .set("scale", scale())
            .set(
                "embeddings",
                parts.embeddings(
                    prefix + "embeddings.",
                    config.dimension("embedding_size", hidden),
                    hidden,
                    positions,
                    segments,
                    normEps()))
            .set("layers", layers)
            .set("pooler_act", config.hiddenAct("pooler_hidden_act"));
    parts.linear(module, "pooler", "pooler.dense", hidden, hidden);
    parts.linear(module, "classifier", "classifier", config.labels().size(), hidden);
    return module;
  }

  /**
   * An attention score is the sum of {@code 1 + positionTerms} dot products of a head's vectors.
   */
  private double scale() {
    return 1 / Math.sqrt((double) sizes.headSize() * (1 + positionTerms.size()));
  }

  /**
   * Sets the relative positions. Their keys and queries are projected at compile time.
   *
   * @param table the embeddings of relative positions, {@code [2 * span, hidden]}
   * @param bucket maps a distance to its bucket
   * @param keys the projection to keys, by layer
   * @param queries the projection to queries, by layer
   */
  void relativePositions(
      ProgramModule module,
      TensorData table,
      IntUnaryOperator bucket,
      IntFunction<Projection> keys,
      IntFunction<Projection> queries) {
    int span = table.shape().get(0) / 2;
    module
        .set("rows", RelativePositions.rows(maxPositions(), span, bucket))
        .set("position_keys", projected("c2p", table, keys, 1))
        .set("position_queries", projected("p2c", table, queries, scale()));
  }

  void noRelativePositions(ProgramModule module) {
    module
        .set("rows", new int[0])
        .set("position_keys", List.of())
        .set("position_queries", List.of());
  }

  private List<TensorData> projected(
      String term, TensorData table, IntFunction<Projection> projections, double scale) {
    List<TensorData> projected = new ArrayList<>();
    if (positionTerms.contains(term)) {
      for (int i = 0; i < sizes.layers(); i++) {
        Projection projection = projections.apply(i);
        projected.add(
            TensorData.computed(
                () ->
                    ConstantFolding.projectByHead(
                        ConstantFolding.values(table),
                        ConstantFolding.values(projection.weight()),
                        ConstantFolding.values(projection.bias()),
                        scale,
                        sizes.heads()),
                sizes.heads(),
                table.shape().get(0),
                sizes.headSize()));
      }
    }
    return projected;
  }

  void noConvolution(ProgramModule module) {
    module
        .set("conv_weight", List.of())
        .set("conv_bias", List.of())
        .set("conv_norm_weight", List.of())
        .set("conv_norm_bias", List.of())
        .set("conv_norm_eps", normEps())
        .set("conv_groups", 1)
        .set("conv_act", "tanh");
  }
}
