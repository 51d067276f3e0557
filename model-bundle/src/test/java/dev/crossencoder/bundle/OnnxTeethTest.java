package dev.crossencoder.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.crossencoder.bundle.ScriptModule.Attribute;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The comparison of ONNX graphs with transformers can fail: what is wrong in a graph misses the
 * reference by more than three times the tolerance.
 */
class OnnxTeethTest {
  private static final double TOLERANCE = 1e-4;

  @TempDir private Path folder;

  /** A checkpoint on its way to its logits, at the point where a mutation changes it. */
  private static final class Compiled {
    private final ScriptModule module;
    private OnnxWriter writer;
    private int positionOffset;
    private boolean segments = true;

    Compiled(ScriptModule module, OnnxWriter writer, int positionOffset) {
      this.module = module;
      this.writer = writer;
      this.positionOffset = positionOffset;
    }

    Map<String, Attribute> layers() {
      return module.module("layers").attributes();
    }
  }

  static Stream<Arguments> mutations() {
    List<String> all = List.of("bert", "roberta", "electra", "distilbert");
    List<String> deberta = List.of("deberta", "deberta-v3");
    return Stream.of(
            each("queries and keys swapped", compiled -> rotate(compiled, "qkv_weight"), all),
            each("biases of queries, keys and values", c -> rotate(c, "qkv_bias"), all),
            each("two layers swapped", compiled -> swapLayers(compiled, "output_weight"), all),
            each("two norms swapped", compiled -> swapLayers(compiled, "attention_norm_bias"), all),
            each("a layer skipped", compiled -> number(compiled, "num_layers", 1), all),
            each("the wrong number of heads", compiled -> number(compiled, "num_heads", 1), all),
            each("the other GELU", compiled -> text(compiled, "hidden_act", "gelu_new"), all),
            each("the head's activation", OnnxTeethTest::otherActivation, all),
            each(
                "the wrong norm epsilon",
                compiled ->
                    compiled.layers().put("layer_norm_eps", new Attribute.FloatAttribute(1e-12)),
                List.of("bert", "roberta", "electra")),
            each(
                "segment ids zero",
                compiled -> compiled.segments = false,
                List.of("bert", "electra", "electra-wide")),
            each("positions one off", compiled -> compiled.positionOffset--, List.of("roberta")),
            each("c2p and p2c swapped", OnnxTeethTest::swapPositionTerms, deberta),
            each("rows of distances one off", rows(list -> Collections.rotate(list, 1)), deberta),
            each("distances negated", rows(Collections::reverse), deberta),
            each(
                "the convolution left out",
                compiled ->
                    put(compiled, "conv_weight", new Attribute.TensorListAttribute(List.of())),
                List.of("deberta-v2-conv")),
            each(
                "the window one off",
                compiled ->
                    put(
                        compiled,
                        "window",
                        new Attribute.IntAttribute(compiled.module.integer("window") + 1)),
                List.of("modernbert")),
            each(
                "the rotary base of the other layers",
                compiled ->
                    put(
                        compiled,
                        "global_rope_theta",
                        compiled.module.attributes().get("local_rope_theta")),
                List.of("modernbert")),
            each(
                "gate and input swapped",
                compiled -> mapTensors(compiled.module, "input_weight", OnnxTeethTest::swapHalves),
                List.of("modernbert")))
        .flatMap(mutation -> mutation);
  }

  private static Stream<Arguments> each(
      String description, Consumer<Compiled> mutation, List<String> checkpoints) {
    return checkpoints.stream().map(name -> arguments(name, description, mutation));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("mutations")
  void aMutationMissesTheReference(String name, String description, Consumer<Compiled> mutation)
      throws IOException {
    assertThat(differenceAfter(name, mutation)).as(description).isGreaterThan(3 * TOLERANCE);
  }

  /** Without a mutation the same path meets the reference. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "bert",
        "roberta",
        "electra",
        "electra-wide",
        "distilbert",
        "deberta",
        "deberta-v3",
        "deberta-v2-conv",
        "modernbert"
      })
  void withoutAMutationTheReferenceIsMet(String name) throws IOException {
    assertThat(differenceAfter(name, compiled -> {})).isLessThan(TOLERANCE);
  }

  private double differenceAfter(String name, Consumer<Compiled> mutation) throws IOException {
    ParityCheckpoint checkpoint = ParityCheckpoint.named(name);
    Path source = checkpoint.copyTo(folder.resolve("checkpoint"));
    CheckpointConfig config = CheckpointConfig.read(source.resolve("config.json"));
    Architecture architecture = Architectures.of(config);
    Path target = Files.createDirectory(folder.resolve("mutant"));
    Compiled compiled;
    try (CheckpointTensors tensors = CheckpointTensors.open(source)) {
      compiled =
          new Compiled(
              Architectures.module(architecture, config, tensors),
              architecture.onnxWriter(),
              architecture.positionOffset(config));
      mutation.accept(compiled);
      OnnxCompiler.write(compiled.writer, compiled.module, Precision.FP32, target);
    }
    return checkpoint.largestDifference(score(source, target, compiled));
  }

  private static List<Score> score(Path source, Path target, Compiled compiled) throws IOException {
    try (PairEncoder encoder =
            PairEncoder.load(source.resolve(Bundle.TOKENIZER), ParityCheckpoint.MAX_LENGTH);
        ScoringEngine engine =
            OnnxEngine.load(target.resolve("model.onnx"), InputForm.PACKED, 0, "cpu", 1)) {
      List<EncodedPair> encoded = new ArrayList<>();
      for (TextPair pair : ParityCheckpoint.pairs()) {
        encoded.add(encoder.encode(pair));
      }
      PackedBatch batch = PackedBatch.of(encoded, compiled.positionOffset);
      if (!compiled.segments) {
        Arrays.fill(batch.tokenTypeIds(), 0);
      }
      List<Score> scores = new ArrayList<>();
      for (float[] row : engine.forward(batch, 1)) {
        List<Float> logits = new ArrayList<>();
        for (float logit : row) {
          logits.add(logit);
        }
        scores.add(new Score(0, null, Map.of(), logits, false));
      }
      return scores;
    }
  }

  /** Lets queries be keys, keys values and values queries, in every layer. */
  private static void rotate(Compiled compiled, String name) {
    mapTensors(
        compiled.module.module("layers"),
        name,
        tensors ->
            tensors.stream()
                .map(
                    tensor -> {
                      int third = tensor.shape().get(0) / 3;
                      return TensorData.concat(
                          List.of(
                              TensorData.rows(tensor, third, 2 * third),
                              TensorData.rows(tensor, 0, third)));
                    })
                .toList());
  }

  private static void swapLayers(Compiled compiled, String name) {
    mapTensors(
        compiled.module.module("layers"), name, tensors -> List.of(tensors.get(1), tensors.get(0)));
  }

  private static List<TensorData> swapHalves(List<TensorData> tensors) {
    return tensors.stream()
        .map(
            tensor -> {
              int half = tensor.shape().get(0) / 2;
              return TensorData.concat(
                  List.of(TensorData.rows(tensor, half, half), TensorData.rows(tensor, 0, half)));
            })
        .toList();
  }

  private static void mapTensors(
      ScriptModule module, String name, UnaryOperator<List<TensorData>> change) {
    List<TensorData> tensors = module.tensors(name);
    List<TensorData> changed = new ArrayList<>(change.apply(tensors));
    changed.addAll(tensors.subList(changed.size(), tensors.size()));
    module.attributes().put(name, new Attribute.TensorListAttribute(changed));
  }

  private static void swapPositionTerms(Compiled compiled) {
    Map<String, Attribute> attributes = compiled.module.attributes();
    put(
        compiled,
        "position_keys",
        attributes.put("position_queries", attributes.get("position_keys")));
  }

  private static Consumer<Compiled> rows(Consumer<List<Integer>> change) {
    return compiled -> {
      List<Integer> rows = new ArrayList<>(compiled.module.integers("rows"));
      change.accept(rows);
      put(compiled, "rows", new Attribute.IntListAttribute(rows));
    };
  }

  private static void put(Compiled compiled, String name, Attribute value) {
    compiled.module.attributes().put(name, value);
  }

  private static void number(Compiled compiled, String name, int value) {
    compiled.layers().put(name, new Attribute.IntAttribute(value));
  }

  private static void text(Compiled compiled, String name, String value) {
    compiled.layers().put(name, new Attribute.StringAttribute(value));
  }

  private static void otherActivation(Compiled compiled) {
    OnnxHead head = (OnnxHead) compiled.writer;
    String other = head.activation().equals("tanh") ? "gelu" : "tanh";
    compiled.writer = new OnnxHead(head.dense(), other, head.output());
  }
}
