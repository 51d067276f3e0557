package dev.crossencoder.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.crossencoder.bundle.ScriptModule.Attribute;
import java.io.IOException;
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
 * The comparison with transformers can fail: what is wrong in a mapping or a program misses the
 * reference by more than three times the tolerance.
 */
class ParityTeethTest {
  private static final double TOLERANCE = 1e-4;

  @TempDir private Path folder;

  /** A checkpoint on its way to its logits, at the point where a mutation changes it. */
  private static final class Compiled {
    private Program program;
    private final ScriptModule module;
    private int positionOffset;
    private boolean segments = true;

    Compiled(Program program, ScriptModule module, int positionOffset) {
      this.program = program;
      this.module = module;
      this.positionOffset = positionOffset;
    }

    /** The attributes of the part that holds the layers, or of the whole where there is none. */
    ScriptModule layers() {
      return module.attributes().get("layers") instanceof Attribute.ModuleAttribute part
          ? part.value()
          : module;
    }

    /** Changes the program's text, which must hold what is replaced. */
    void replace(String text, String replacement) {
      assertThat(program.text()).contains(text);
      program = Program.of(program.main().replace(text, replacement));
    }
  }

  static Stream<Arguments> mutations() {
    return Stream.of(
            each("queries and keys swapped", swap(0, 1), ALL),
            each("keys and values swapped", swap(1, 2), ALL),
            each("a layer skipped", ParityTeethTest::skipALayer, ALL),
            each("the wrong norm epsilon", ParityTeethTest::tinyEpsilon, CONFIGURABLE_EPSILON),
            each("the other GELU", put("hidden_act", "gelu_new"), GELU),
            each("segment ids zero", compiled -> compiled.segments = false, WITH_SEGMENTS),
            each("positions one off", compiled -> compiled.positionOffset--, List.of("roberta")),
            each("c2p and p2c swapped", ParityTeethTest::swapPositionTerms, DEBERTA),
            each("rows of distances one off", ParityTeethTest::shiftRows, DEBERTA),
            each("distances negated", ParityTeethTest::negateRows, DEBERTA),
            each(
                "scores not scaled by the number of terms",
                compiled -> scale(compiled, Math.sqrt(3)),
                DEBERTA),
            each(
                "the convolution left out",
                compiled -> compiled.replace("y = self.convolve(x, y, starts)", "y = y"),
                List.of("deberta-v2-conv")),
            each("the head's activation", put("pooler_act", "relu"), DEBERTA),
            each(
                "the head's activation",
                compiled -> compiled.replace("torch.gelu", "torch.tanh"),
                List.of("electra", "electra-wide")),
            each(
                "the head's activation",
                compiled -> compiled.replace("torch.relu", "torch.tanh"),
                List.of("distilbert")),
            each(
                "the head's activation",
                compiled -> compiled.replace("torch.tanh", "torch.gelu"),
                List.of("bert", "roberta")),
            each("the window one off", window(1), List.of("modernbert")),
            each("the window one off", window(-1), List.of("modernbert")),
            each(
                "the rotary base of the other layers",
                compiled -> {
                  Attribute local = compiled.module.attributes().get("local_rope_theta");
                  compiled.module.attributes().put("global_rope_theta", local);
                },
                List.of("modernbert")),
            each(
                "gate and input swapped",
                compiled ->
                    compiled.replace(
                        "torch.slice(inner, 1, 0, width), self.hidden_act) * torch.slice(inner, 1, width)",
                        "torch.slice(inner, 1, width), self.hidden_act) * torch.slice(inner, 1, 0, width)"),
                List.of("modernbert")))
        .flatMap(mutation -> mutation);
  }

  private static final List<String> DEBERTA = List.of("deberta", "deberta-clamped", "deberta-v3");
  private static final List<String> WITH_SEGMENTS =
      List.of("bert", "electra", "electra-wide", "deberta-clamped");
  private static final List<String> GELU =
      List.of("bert", "roberta", "electra", "distilbert", "deberta", "deberta-v3", "modernbert");
  private static final List<String> CONFIGURABLE_EPSILON =
      List.of("bert", "roberta", "electra", "deberta", "deberta-v3", "modernbert");
  private static final List<String> ALL =
      List.of("bert", "roberta", "electra", "distilbert", "deberta", "deberta-v3", "modernbert");

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
        "deberta-clamped",
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
    Path archive = folder.resolve("mutant.pt");
    Compiled compiled;
    try (CheckpointTensors tensors = CheckpointTensors.open(source)) {
      compiled =
          new Compiled(
              architecture.program(),
              Architectures.module(architecture, config, tensors),
              architecture.positionOffset(config));
      mutation.accept(compiled);
      TorchScriptArchive.write(compiled.program, compiled.module, Precision.FP32, archive);
    }
    return checkpoint.largestDifference(score(source, archive, compiled));
  }

  private static List<Score> score(Path source, Path archive, Compiled compiled)
      throws IOException {
    try (PairEncoder encoder =
            PairEncoder.load(source.resolve(Bundle.TOKENIZER), ParityCheckpoint.MAX_LENGTH);
        ScoringEngine engine = TorchScriptEngine.load(archive, "cpu")) {
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

  /** Swaps two of queries, keys and values in every layer. */
  private static Consumer<Compiled> swap(int first, int second) {
    return compiled -> {
      for (String name : List.of("qkv_weight", "qkv_bias")) {
        mapTensors(
            compiled.layers(),
            name,
            tensor -> {
              float[] values = ConstantFolding.values(tensor);
              int third = values.length / 3;
              float[] swapped = values.clone();
              System.arraycopy(values, first * third, swapped, second * third, third);
              System.arraycopy(values, second * third, swapped, first * third, third);
              return TensorData.of(swapped, tensor.shape().toArray(Integer[]::new));
            });
      }
    };
  }

  private static void skipALayer(Compiled compiled) {
    compiled.layers().attributes().computeIfPresent("num_layers", (name, value) -> number(1));
    compiled
        .module
        .attributes()
        .computeIfPresent(
            "layer_is_global",
            (name, value) ->
                new Attribute.IntListAttribute(
                    ((Attribute.IntListAttribute) value).values().subList(0, 2)));
  }

  private static Attribute number(long value) {
    return new Attribute.IntAttribute(value);
  }

  private static void tinyEpsilon(Compiled compiled) {
    Attribute tiny = new Attribute.FloatAttribute(1e-12);
    for (String name : List.of("norm_eps", "layer_norm_eps")) {
      compiled.layers().attributes().computeIfPresent(name, (key, value) -> tiny);
    }
  }

  private static Consumer<Compiled> put(String name, String value) {
    return compiled -> {
      Attribute changed = new Attribute.StringAttribute(value);
      for (ScriptModule module : List.of(compiled.module, compiled.layers())) {
        module.attributes().computeIfPresent(name, (key, old) -> changed);
      }
    };
  }

  private static Consumer<Compiled> window(int change) {
    return compiled ->
        compiled
            .module
            .attributes()
            .computeIfPresent(
                "window",
                (name, value) -> number(((Attribute.IntAttribute) value).value() + change));
  }

  private static void swapPositionTerms(Compiled compiled) {
    Map<String, Attribute> attributes = compiled.module.attributes();
    Attribute keys = attributes.get("position_keys");
    attributes.put("position_keys", attributes.get("position_queries"));
    attributes.put("position_queries", keys);
  }

  private static void shiftRows(Compiled compiled) {
    changeRows(compiled, rows -> Collections.rotate(rows, 1));
  }

  private static void negateRows(Compiled compiled) {
    changeRows(compiled, Collections::reverse);
  }

  private static void changeRows(Compiled compiled, Consumer<List<Integer>> change) {
    compiled
        .module
        .attributes()
        .computeIfPresent(
            "rows",
            (name, value) -> {
              List<Integer> rows = new ArrayList<>(((Attribute.IntListAttribute) value).values());
              change.accept(rows);
              return new Attribute.IntListAttribute(rows);
            });
  }

  private static void scale(Compiled compiled, double factor) {
    compiled
        .module
        .attributes()
        .computeIfPresent(
            "scale",
            (name, value) ->
                new Attribute.FloatAttribute(((Attribute.FloatAttribute) value).value() * factor));
  }

  private static void mapTensors(
      ScriptModule module, String name, UnaryOperator<TensorData> change) {
    module
        .attributes()
        .computeIfPresent(
            name,
            (key, value) ->
                new Attribute.TensorListAttribute(
                    ((Attribute.TensorListAttribute) value)
                        .values().stream().map(change).toList()));
  }
}
