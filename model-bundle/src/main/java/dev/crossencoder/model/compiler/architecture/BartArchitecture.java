package dev.crossencoder.model.compiler.architecture;

import dev.crossencoder.model.compiler.architecture.EncoderParts.LayerNames;
import dev.crossencoder.model.compiler.architecture.EncoderParts.Sizes;
import dev.crossencoder.model.compiler.checkpoint.CheckpointConfig;
import dev.crossencoder.model.compiler.onnx.OnnxBartProgram;
import dev.crossencoder.model.compiler.onnx.OnnxProgram;
import dev.crossencoder.model.compiler.program.ProgramModule;
import dev.crossencoder.model.compiler.tensor.CheckpointTensors;
import dev.crossencoder.model.compiler.tensor.TensorData;
import dev.crossencoder.model.tokenizer.PairTemplate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * BART. The decoder reads the encoder's tokens, shifted one position to the right, and attends to
 * the encoder's output. The classifier reads the decoder's output for the last {@code </s>}.
 *
 * <p>Source: {@code modeling_bart.py} and {@code configuration_bart.py} of transformers 4.57.
 */
final class BartArchitecture implements Architecture {
  /** A constant in BART. */
  private static final double LAYER_NORM_EPS = 1e-5;

  /** The number of unused rows at the start of the position embeddings. */
  private static final int UNUSED_POSITIONS = 2;

  private static final int DEFAULT_VOCABULARY = 50_265;
  private static final int DEFAULT_HIDDEN = 1024;
  private static final int DEFAULT_LAYERS = 12;
  private static final int DEFAULT_HEADS = 16;
  private static final int DEFAULT_INTERMEDIATE = 4096;
  private static final int DEFAULT_LABELS = 3;
  private static final int DEFAULT_END_TOKEN = 2;

  /** The names of the token embeddings, which encoder and decoder share; the first one wins. */
  private static final List<String> WORDS =
      List.of(
          "model.shared.weight",
          "model.decoder.embed_tokens.weight",
          "model.encoder.embed_tokens.weight");

  @Override
  public String name() {
    return "bart";
  }

  @Override
  public String headClass() {
    return "BartForSequenceClassification";
  }

  @Override
  public String prefix() {
    return "model.";
  }

  @Override
  public int maxPositions(CheckpointConfig config) {
    return config.positions(1024);
  }

  @Override
  public int segments(CheckpointConfig config) {
    return 0;
  }

  @Override
  public List<String> labels(CheckpointConfig config) {
    return config.labels(DEFAULT_LABELS);
  }

  @Override
  public Map<String, Integer> defaults() {
    return Map.of("vocab_size", DEFAULT_VOCABULARY);
  }

  @Override
  public Map<String, String> aliases() {
    return Map.of("hidden_size", "d_model", "num_attention_heads", "encoder_attention_heads");
  }

  @Override
  public OnnxProgram onnxProgram() {
    return OnnxBartProgram::write;
  }

  /** The program reads the last token of a pair, which must be {@code </s>}. */
  @Override
  public void checkTemplate(CheckpointConfig config, PairTemplate template) {
    int end = config.count("eos_token_id", DEFAULT_END_TOKEN);
    if (!template.endsWith(end)) {
      throw config.invalid(
          "eos_token_id",
          "The classifier of BART reads the last token of this id, and the tokenizer must end each pair with it.");
    }
  }

  @Override
  public ProgramModule module(CheckpointConfig config, CheckpointTensors tensors) {
    config.requireIfPresent("tie_word_embeddings", "true");
    int hidden = config.dimension("d_model", DEFAULT_HIDDEN);
    int vocabulary = config.dimension("vocab_size");
    EncoderParts parts = new EncoderParts(config, tensors);
    ProgramModule module =
        ProgramModule.model()
            .set("decoder_start_token_id", startToken(config, vocabulary))
            .set("embed_scale", config.flag("scale_embedding", false) ? Math.sqrt(hidden) : 1.0)
            .set("words", tensors.getAny(WORDS, vocabulary, hidden));
    String act = config.hiddenAct("activation_function");
    for (String side : List.of("encoder", "decoder")) {
      String name = prefix() + side + ".";
      TensorData positions =
          tensors.get(
              name + "embed_positions.weight", maxPositions(config) + UNUSED_POSITIONS, hidden);
      module.set(
          side + "_positions", TensorData.rows(positions, UNUSED_POSITIONS, maxPositions(config)));
      parts.norm(module, side + "_norm", name + "layernorm_embedding", hidden);
    }
    Sizes decoder = sizes(config, "decoder", hidden);
    module
        .set(
            "encoder",
            parts.layers(names("encoder"), sizes(config, "encoder", hidden), act, LAYER_NORM_EPS))
        .set("decoder", parts.layers(names("decoder"), decoder, act, LAYER_NORM_EPS));
    cross(module, decoder, tensors);
    parts.linear(module, "dense", "classification_head.dense", hidden, hidden);
    parts.linear(module, "out_proj", "classification_head.out_proj", labels(config).size(), hidden);
    return module;
  }

  private static int startToken(CheckpointConfig config, int vocabulary) {
    int start = config.count("decoder_start_token_id", DEFAULT_END_TOKEN);
    if (start >= vocabulary) {
      throw config.invalid(
          "decoder_start_token_id", "It must be less than vocab_size, %d.".formatted(vocabulary));
    }
    return start;
  }

  private static Sizes sizes(CheckpointConfig config, String side, int hidden) {
    String headsKey = side + "_attention_heads";
    int heads = config.dimension(headsKey, DEFAULT_HEADS);
    if (hidden % heads != 0) {
      throw config.invalid(headsKey, "It must divide d_model, %d.".formatted(hidden));
    }
    return new Sizes(
        config.layers(side + "_layers", DEFAULT_LAYERS),
        hidden,
        heads,
        config.dimension(side + "_ffn_dim", DEFAULT_INTERMEDIATE));
  }

  private LayerNames names(String side) {
    return new LayerNames(
        prefix() + side + ".layers.",
        "self_attn.q_proj",
        "self_attn.k_proj",
        "self_attn.v_proj",
        "self_attn.out_proj",
        "self_attn_layer_norm",
        "fc1",
        "fc2",
        "final_layer_norm");
  }

  /** Sets the decoder's cross-attention to the encoder. */
  private void cross(ProgramModule module, Sizes sizes, CheckpointTensors tensors) {
    int hidden = sizes.hidden();
    for (String kind : List.of("weight", "bias")) {
      Integer[] shape =
          kind.equals("weight") ? new Integer[] {hidden, hidden} : new Integer[] {hidden};
      List<TensorData> queries = new ArrayList<>();
      List<TensorData> keysAndValues = new ArrayList<>();
      List<TensorData> outputs = new ArrayList<>();
      List<TensorData> norms = new ArrayList<>();
      for (int i = 0; i < sizes.layers(); i++) {
        String layer = prefix() + "decoder.layers." + i + ".";
        String attention = layer + "encoder_attn.";
        queries.add(tensors.get(attention + "q_proj." + kind, shape));
        keysAndValues.add(
            TensorData.concat(
                List.of(
                    tensors.get(attention + "k_proj." + kind, shape),
                    tensors.get(attention + "v_proj." + kind, shape))));
        outputs.add(tensors.get(attention + "out_proj." + kind, shape));
        norms.add(tensors.get(layer + "encoder_attn_layer_norm." + kind, hidden));
      }
      module
          .set("cross_query_" + kind, queries)
          .set("cross_key_value_" + kind, keysAndValues)
          .set("cross_output_" + kind, outputs)
          .set("cross_norm_" + kind, norms);
    }
  }
}
