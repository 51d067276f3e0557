package dev.crossencoder.model.compiler.architecture;

import dev.crossencoder.model.compiler.architecture.DebertaParts.Projection;
import dev.crossencoder.model.compiler.architecture.EncoderParts.LayerNames;
import dev.crossencoder.model.compiler.architecture.EncoderParts.Sizes;
import dev.crossencoder.model.compiler.checkpoint.CheckpointConfig;
import dev.crossencoder.model.compiler.onnx.OnnxEncoderProgram;
import dev.crossencoder.model.compiler.onnx.OnnxHead;
import dev.crossencoder.model.compiler.onnx.OnnxProgram;
import dev.crossencoder.model.compiler.program.ProgramModule;
import dev.crossencoder.model.compiler.tensor.CheckpointTensors;
import dev.crossencoder.model.compiler.tensor.ConstantFolding;
import dev.crossencoder.model.compiler.tensor.TensorData;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * DeBERTa v2 and v3. Relative positions may share the projections of keys and queries, may be
 * mapped to buckets, and may have a layer norm. The first layer may have a convolution beside it.
 */
final class DebertaV2Architecture implements DebertaVersion {
  @Override
  public String name() {
    return "deberta-v2";
  }

  @Override
  public String headClass() {
    return "DebertaV2ForSequenceClassification";
  }

  @Override
  public Map<String, Integer> defaults() {
    return Sizes.defaults(128_100, 24, 1536, 24, 6144);
  }

  @Override
  public OnnxProgram onnxProgram() {
    return new OnnxEncoderProgram(new OnnxHead("pooler", "pooler_act", "classifier"));
  }

  @Override
  public ProgramModule module(CheckpointConfig config, CheckpointTensors tensors) {
    Sizes sizes = Sizes.of(config);
    if (config.dimension("attention_head_size", sizes.headSize()) != sizes.headSize()) {
      throw config.unsupported("attention_head_size", String.valueOf(sizes.headSize()));
    }
    DebertaParts deberta = new DebertaParts(config, tensors, sizes, prefix());
    ProgramModule layers =
        deberta
            .parts()
            .layers(
                LayerNames.bert(prefix(), "_proj"),
                sizes,
                config.hiddenAct("hidden_act"),
                deberta.normEps());
    ProgramModule module = deberta.module(layers, segments(config));
    if (deberta.relative()) {
      relativePositions(module, config, tensors, deberta, sizes.hidden());
    } else {
      deberta.noRelativePositions(module);
    }
    if (config.count("conv_kernel_size", 0) > 0) {
      convolution(module, config, tensors, deberta, sizes.hidden());
    } else {
      deberta.noConvolution(module);
    }
    return module;
  }

  private void relativePositions(
      ProgramModule module,
      CheckpointConfig config,
      CheckpointTensors tensors,
      DebertaParts deberta,
      int hidden) {
    int largest = deberta.maxRelativePositions();
    int buckets = config.integer("position_buckets", -1);
    int span = buckets > 0 ? buckets : largest;
    TensorData raw = tensors.get(prefix() + "encoder.rel_embeddings.weight", 2 * span, hidden);
    TensorData table = raw;
    if (config.alternatives("norm_rel_ebd").contains("layer_norm")) {
      TensorData weight = tensors.get(prefix() + "encoder.LayerNorm.weight", hidden);
      TensorData bias = tensors.get(prefix() + "encoder.LayerNorm.bias", hidden);
      table =
          TensorData.computed(
              () ->
                  ConstantFolding.layerNorm(
                      ConstantFolding.values(raw),
                      ConstantFolding.values(weight),
                      ConstantFolding.values(bias),
                      deberta.normEps()),
              2 * span,
              hidden);
    }
    boolean shared = config.flag("share_att_key", false);
    deberta.relativePositions(
        module,
        table,
        distance ->
            buckets > 0 ? RelativePositions.logBucket(distance, buckets, largest) : distance,
        projection(tensors, hidden, shared ? "key_proj" : "pos_key_proj"),
        projection(tensors, hidden, shared ? "query_proj" : "pos_query_proj"));
  }

  private IntFunction<Projection> projection(CheckpointTensors tensors, int hidden, String name) {
    return i -> {
      String layer = prefix() + "encoder.layer." + i + ".attention.self." + name;
      return new Projection(
          tensors.get(layer + ".weight", hidden, hidden), tensors.get(layer + ".bias", hidden));
    };
  }

  private void convolution(
      ProgramModule module,
      CheckpointConfig config,
      CheckpointTensors tensors,
      DebertaParts deberta,
      int hidden) {
    int kernel = config.dimension("conv_kernel_size");
    if (kernel % 2 == 0) {
      throw config.unsupported("conv_kernel_size", "an odd number");
    }
    int groups = config.dimension("conv_groups", 1);
    if (hidden % groups != 0) {
      throw config.unsupported("conv_groups", "a divisor of hidden_size, " + hidden + ",");
    }
    String conv = prefix() + "encoder.conv.";
    module
        .set(
            "conv_weight",
            List.of(tensors.get(conv + "conv.weight", hidden, hidden / groups, kernel)))
        .set("conv_bias", List.of(tensors.get(conv + "conv.bias", hidden)))
        .set("conv_norm_weight", List.of(tensors.get(conv + "LayerNorm.weight", hidden)))
        .set("conv_norm_bias", List.of(tensors.get(conv + "LayerNorm.bias", hidden)))
        .set("conv_norm_eps", deberta.normEps())
        .set("conv_groups", groups)
        .set("conv_act", config.activationFunction("conv_act", "tanh"));
  }
}
