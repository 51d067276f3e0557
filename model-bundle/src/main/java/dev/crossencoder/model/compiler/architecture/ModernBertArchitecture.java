package dev.crossencoder.model.compiler.architecture;

import dev.crossencoder.model.compiler.architecture.EncoderParts.Sizes;
import dev.crossencoder.model.compiler.checkpoint.CheckpointConfig;
import dev.crossencoder.model.compiler.checkpoint.HeadModules;
import dev.crossencoder.model.compiler.onnx.OnnxModernBertProgram;
import dev.crossencoder.model.compiler.onnx.OnnxProgram;
import dev.crossencoder.model.compiler.program.ProgramModule;
import dev.crossencoder.model.compiler.tensor.CheckpointTensors;
import dev.crossencoder.model.compiler.tensor.TensorData;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * ModernBERT. Layers with global attention alternate with layers with local attention (a sliding
 * window). The two kinds of layers have different bases of the rotary position embeddings.
 */
final class ModernBertArchitecture implements Architecture {
  private static final String GLOBAL = "full_attention";
  private static final String LOCAL = "sliding_attention";

  private final Optional<HeadModules> modules;

  /** Creates the architecture with the head of {@code ModernBertForSequenceClassification}. */
  ModernBertArchitecture() {
    this(Optional.empty());
  }

  private ModernBertArchitecture(Optional<HeadModules> modules) {
    this.modules = modules;
  }

  /** The modules compute the same as the head of {@code ModernBertForSequenceClassification}. */
  @Override
  public Architecture withHead(HeadModules head) {
    return new ModernBertArchitecture(Optional.of(head));
  }

  @Override
  public String name() {
    return "modernbert";
  }

  @Override
  public String headClass() {
    return modules.isPresent() ? "ModernBertModel" : "ModernBertForSequenceClassification";
  }

  @Override
  public String prefix() {
    return "model.";
  }

  @Override
  public int maxPositions(CheckpointConfig config) {
    return config.positions(8192);
  }

  @Override
  public int segments(CheckpointConfig config) {
    return 0;
  }

  @Override
  public List<String> labels(CheckpointConfig config) {
    return modules.isPresent() ? modules.get().labels(config) : config.labels();
  }

  @Override
  public Map<String, Integer> defaults() {
    return Sizes.defaults(50_368, 22, 768, 12, 1152);
  }

  @Override
  public OnnxProgram onnxProgram() {
    return OnnxModernBertProgram::write;
  }

  @Override
  public ProgramModule module(CheckpointConfig config, CheckpointTensors tensors) {
    Sizes sizes = Sizes.of(config);
    if (sizes.headSize() % 2 != 0) {
      throw config.unsupported("num_attention_heads", "a number that leaves heads of even size");
    }
    double globalTheta = config.ropeTheta(GLOBAL, "global_rope_theta", 160_000);
    double localTheta =
        config.ropeTheta(
            LOCAL, "local_rope_theta", config.isNull("local_rope_theta") ? globalTheta : 10_000);
    ProgramModule module =
        ProgramModule.model()
            .set("num_heads", sizes.heads())
            .set("norm_eps", normEps(config))
            .set("hidden_act", config.hiddenAct("hidden_activation"))
            .set("window", config.dimension("local_attention", 128) / 2)
            .set("layer_is_global", globalLayers(config, sizes.layers()))
            .set("global_rope_theta", globalTheta)
            .set("local_rope_theta", localTheta)
            .set(
                "word_embeddings",
                tensors.get(
                    prefix() + "embeddings.tok_embeddings.weight",
                    config.dimension("vocab_size"),
                    sizes.hidden()));
    layers(module, config, tensors, sizes);
    if (modules.isPresent()) {
      head(module, modules.get(), tensors, sizes.hidden());
    } else {
      head(module, config, tensors, sizes.hidden());
    }
    return module;
  }

  private static int[] globalLayers(CheckpointConfig config, int layers) {
    List<String> types = config.strings("layer_types");
    int every = config.dimension("global_attn_every_n_layers", 3);
    int[] global = new int[layers];
    for (int i = 0; i < layers; i++) {
      String type = i % every == 0 ? GLOBAL : LOCAL;
      if (!types.isEmpty()) {
        type = i < types.size() ? types.get(i) : "none for layer " + i;
        if (!type.equals(GLOBAL) && !type.equals(LOCAL)) {
          throw config.unsupported(
              "layer_types", "one of " + GLOBAL + " and " + LOCAL + " a layer");
        }
      }
      global[i] = type.equals(GLOBAL) ? 1 : 0;
    }
    return global;
  }

  private void layers(
      ProgramModule module, CheckpointConfig config, CheckpointTensors tensors, Sizes sizes) {
    int hidden = sizes.hidden();
    int intermediate = sizes.intermediate();
    boolean normBias = config.flag("norm_bias", false);
    boolean attentionBias = config.flag("attention_bias", false);
    boolean mlpBias = config.flag("mlp_bias", false);
    Layers layers = new Layers(module, tensors, prefix() + "layers.", sizes.layers());
    // The first layer has no attention norm: its input was normalized after the embeddings.
    layers.set("attention_norm", "attn_norm", 1, normBias, hidden);
    layers.set("qkv", "attn.Wqkv", 0, attentionBias, 3 * hidden, hidden);
    layers.set("attention_output", "attn.Wo", 0, attentionBias, hidden, hidden);
    layers.set("mlp_norm", "mlp_norm", 0, normBias, hidden);
    layers.set("input", "mlp.Wi", 0, mlpBias, 2 * intermediate, hidden);
    layers.set("output", "mlp.Wo", 0, mlpBias, hidden, intermediate);
    module.set("last_weights", List.of());
    String embeddingsNorm = prefix() + "embeddings.norm";
    String finalNorm = prefix() + "final_norm";
    module
        .set("embeddings_norm_weight", tensors.get(embeddingsNorm + ".weight", hidden))
        .set("embeddings_norm_bias", bias(tensors, embeddingsNorm, normBias, hidden))
        .set("final_norm_weight", tensors.get(finalNorm + ".weight", hidden))
        .set("final_norm_bias", bias(tensors, finalNorm, normBias, hidden));
  }

  private static void head(
      ProgramModule module, CheckpointConfig config, CheckpointTensors tensors, int hidden) {
    boolean denseBias = config.flag("classifier_bias", false);
    boolean normBias = config.flag("norm_bias", false);
    int labels = config.labels().size();
    module
        .set("mean_pooling", config.oneOf("classifier_pooling", "cls", "mean").equals("mean"))
        .set("dense_weight", tensors.get("head.dense.weight", hidden, hidden))
        .set("dense_bias", bias(tensors, "head.dense", denseBias, hidden))
        .set("classifier_act", config.hiddenAct("classifier_activation"))
        .set("head_norm_eps", normEps(config))
        .set("head_norm_weight", tensors.get("head.norm.weight", hidden))
        .set("head_norm_bias", bias(tensors, "head.norm", normBias, hidden))
        .set("classifier_weight", tensors.get("classifier.weight", labels, hidden))
        .set("classifier_bias", tensors.get("classifier.bias", labels));
  }

  private static void head(
      ProgramModule module, HeadModules modules, CheckpointTensors tensors, int hidden) {
    HeadModules.Dense dense = modules.dense();
    HeadModules.Dense classifier = modules.classifier();
    String norm = modules.norm() + "/norm";
    int width = dense.outputs();
    module
        .set("mean_pooling", modules.pooling().mean())
        .set("classifier_act", dense.activationFunction())
        .set("head_norm_eps", HeadModules.NORM_EPS)
        .set("head_norm_weight", tensors.get(norm + ".weight", width))
        .set("head_norm_bias", tensors.get(norm + ".bias", width));
    linear(module, "dense", tensors, dense, hidden);
    linear(module, "classifier", tensors, classifier, width);
  }

  private static void linear(
      ProgramModule module,
      String attribute,
      CheckpointTensors tensors,
      HeadModules.Dense dense,
      int inputs) {
    String name = dense.folder() + "/linear";
    module
        .set(attribute + "_weight", tensors.get(name + ".weight", dense.outputs(), inputs))
        .set(attribute + "_bias", bias(tensors, name, dense.hasBias(), dense.outputs()));
  }

  private static double normEps(CheckpointConfig config) {
    return config.number("norm_eps", 1e-5);
  }

  private static TensorData bias(
      CheckpointTensors tensors, String name, boolean present, int size) {
    return present ? tensors.get(name + ".bias", size) : TensorData.zeros(size);
  }

  /** Sets weight and bias of a sub-layer for all layers from {@code from} on. */
  private record Layers(ProgramModule module, CheckpointTensors tensors, String prefix, int count) {
    void set(String attribute, String name, int from, boolean hasBias, Integer... shape) {
      List<TensorData> weights = new ArrayList<>();
      List<TensorData> biases = new ArrayList<>();
      for (int i = from; i < count; i++) {
        weights.add(tensors.get(prefix + i + "." + name + ".weight", shape));
        biases.add(bias(tensors, prefix + i + "." + name, hasBias, shape[0]));
      }
      module.set(attribute + "_weight", weights).set(attribute + "_bias", biases);
    }
  }
}
