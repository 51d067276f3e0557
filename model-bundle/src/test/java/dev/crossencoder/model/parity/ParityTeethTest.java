package dev.crossencoder.model.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.crossencoder.model.bundle.Engine;
import dev.crossencoder.model.compiler.onnx.OnnxEncoderProgram;
import dev.crossencoder.model.compiler.onnx.OnnxHead;
import dev.crossencoder.model.compiler.onnx.OnnxProgram;
import dev.crossencoder.model.compiler.program.ProgramModule.Attribute;
import dev.crossencoder.model.compiler.tensor.ConstantFolding;
import dev.crossencoder.model.compiler.tensor.TensorData;
import dev.crossencoder.model.testing.ParityCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The comparison with transformers can fail: what is wrong in a mapping, a program or a graph
 * misses the reference by more than three times the tolerance.
 */
@Tag("full")
class ParityTeethTest {
  private static final double TOLERANCE = 1e-4;

  private static final List<Engine> BOTH = List.of(Engine.PYTORCH, Engine.ONNXRUNTIME);
  private static final List<Engine> PYTORCH = List.of(Engine.PYTORCH);
  private static final List<Engine> ONNXRUNTIME = List.of(Engine.ONNXRUNTIME);

  private static final List<String> CLASSIC = List.of("bert", "roberta", "electra", "distilbert");
  private static final List<String> DEBERTA = List.of("deberta", "deberta-clamped", "deberta-v3");
  private static final List<String> CONVOLUTION = List.of("deberta-v2-conv");
  private static final List<String> MODERNBERT = List.of("modernbert");
  private static final List<String> BART = List.of("bart");
  private static final List<String> WITH_SEGMENTS =
      List.of("bert", "electra", "electra-wide", "deberta-clamped");
  private static final List<String> ALL =
      List.of(
          "bert",
          "roberta",
          "electra",
          "distilbert",
          "deberta",
          "deberta-v3",
          "modernbert",
          "bart");

  @TempDir private Path folder;

  static Stream<Arguments> mutations() {
    return Stream.concat(ofEncoders(), ofBart());
  }

  private static Stream<Arguments> ofEncoders() {
    return Stream.of(
            each("queries and keys swapped", BOTH, mutant -> swapThirds(mutant, 0, 1), ALL),
            each("keys and values swapped", BOTH, mutant -> swapThirds(mutant, 1, 2), ALL),
            each(
                "two layers swapped",
                BOTH,
                mutant -> mutant.changeTensors("output_weight", ParityTeethTest::swapFirstTwo),
                CLASSIC),
            each(
                "two norms swapped",
                BOTH,
                mutant ->
                    mutant.changeTensors("attention_norm_bias", ParityTeethTest::swapFirstTwo),
                CLASSIC),
            each("a layer skipped", BOTH, ParityTeethTest::skipALayer, ALL),
            each(
                "the wrong number of heads",
                BOTH,
                mutant -> mutant.change("num_heads", value -> new Attribute.IntAttribute(1)),
                CLASSIC),
            each(
                "the wrong norm epsilon",
                BOTH,
                ParityTeethTest::tinyEpsilon,
                except("distilbert", "bart")),
            each("the other GELU", BOTH, mutant -> text(mutant, "hidden_act", "gelu_new"), ALL),
            each("segment ids zero", BOTH, Mutant::withoutSegments, WITH_SEGMENTS),
            each("positions one off", BOTH, Mutant::positionsOneOff, List.of("roberta")),
            each(
                "c2p and p2c swapped",
                BOTH,
                mutant -> mutant.swap("position_keys", "position_queries"),
                DEBERTA),
            each(
                "rows of distances one off",
                BOTH,
                rows(list -> Collections.rotate(list, 1)),
                DEBERTA),
            each("distances negated", BOTH, rows(Collections::reverse), DEBERTA),
            each(
                "scores not scaled by the number of terms",
                BOTH,
                mutant ->
                    mutant.change(
                        "scale",
                        value ->
                            new Attribute.FloatAttribute(
                                ((Attribute.FloatAttribute) value).value() * Math.sqrt(3))),
                DEBERTA),
            each(
                "the convolution left out",
                PYTORCH,
                mutant -> mutant.replace("y = self.convolve(x, y, starts)", "y = y"),
                CONVOLUTION),
            each(
                "the convolution left out",
                ONNXRUNTIME,
                mutant -> mutant.changeTensors("conv_weight", tensors -> List.of()),
                CONVOLUTION),
            each(
                "the head's activation",
                PYTORCH,
                mutant -> text(mutant, "pooler_act", "relu"),
                DEBERTA),
            each(
                "the head's activation",
                PYTORCH,
                mutant -> mutant.replace("torch.gelu", "torch.tanh"),
                List.of("electra", "electra-wide")),
            each(
                "the head's activation",
                PYTORCH,
                mutant -> mutant.replace("torch.relu", "torch.tanh"),
                List.of("distilbert")),
            each(
                "the head's activation",
                PYTORCH,
                mutant -> mutant.replace("torch.tanh", "torch.gelu"),
                List.of("bert", "roberta")),
            each(
                "the head's activation",
                ONNXRUNTIME,
                mutant -> mutant.rewrite(ParityTeethTest::otherActivation),
                CLASSIC),
            each("the window one wider", BOTH, mutant -> window(mutant, 1), MODERNBERT),
            each("the window one narrower", BOTH, mutant -> window(mutant, -1), MODERNBERT),
            each(
                "the rotary base of the other layers",
                BOTH,
                mutant -> mutant.copy("local_rope_theta", "global_rope_theta"),
                MODERNBERT),
            each(
                "gate and input swapped",
                BOTH,
                mutant ->
                    mutant.changeTensors(
                        "input_weight", tensors -> tensors.stream().map(swap(2, 0, 1)).toList()),
                MODERNBERT))
        .flatMap(mutation -> mutation);
  }

  private static Stream<Arguments> ofBart() {
    return Stream.of(
            each(
                "the decoder's attention sees what is ahead",
                PYTORCH,
                mutant ->
                    mutant.replace(
                        "__torch__.decoder.causal_attention(self.decoder.qkv(i, y), starts, buckets, masks)",
                        "__torch__.buckets.attention(self.decoder.qkv(i, y), starts, buckets)"),
                BART),
            each(
                "the decoder's attention sees what is ahead",
                ONNXRUNTIME,
                mutant ->
                    mutant.replaceInGraph(
                        "unidirectional\u0018\u0001", "unidirectional\u0018\u0000"),
                BART),
            each(
                "the decoder reads the tokens where they are",
                PYTORCH,
                mutant -> mutant.replace("self.shifted(input_ids, offsets)", "input_ids"),
                BART),
            each(
                "the decoder reads the tokens two places to the right",
                PYTORCH,
                mutant -> mutant.replace("torch.roll(input_ids, [1]", "torch.roll(input_ids, [2]"),
                BART),
            each(
                "sequences start with another token",
                BOTH,
                mutant ->
                    mutant.change("decoder_start_token_id", value -> new Attribute.IntAttribute(0)),
                BART),
            each("the encoder's positions one off", BOTH, one("encoder_positions"), BART),
            each("the decoder's positions one off", BOTH, one("decoder_positions"), BART),
            each(
                "positions of the other side",
                BOTH,
                mutant -> mutant.swap("encoder_positions", "decoder_positions"),
                BART),
            each(
                "queries and keys swapped in the encoder",
                BOTH,
                mutant -> swapThirds(mutant, "encoder", 0, 1),
                BART),
            each(
                "queries and keys swapped in the decoder",
                BOTH,
                mutant -> swapThirds(mutant, "decoder", 0, 1),
                BART),
            each(
                "keys and values of the encoder's tokens swapped",
                BOTH,
                mutant ->
                    List.of("cross_key_value_weight", "cross_key_value_bias")
                        .forEach(
                            name ->
                                mutant.changeTensors(
                                    name, tensors -> tensors.stream().map(swap(2, 0, 1)).toList())),
                BART),
            each(
                "the attention to the encoder reads the decoder",
                PYTORCH,
                mutant ->
                    mutant.replace("self.cross_key_value(i, x)", "self.cross_key_value(i, y)"),
                BART),
            each(
                "the last layer's attention to the encoder reads the decoder",
                PYTORCH,
                mutant ->
                    mutant.replace(
                        "self.cross_key_value(last, x)", "self.cross_key_value(last, y)"),
                BART),
            each(
                "two layers' attention to the encoder swapped",
                BOTH,
                mutant ->
                    mutant.changeTensors("cross_output_weight", ParityTeethTest::swapFirstTwo),
                BART),
            each("words scaled", BOTH, mutant -> real(mutant, "embed_scale", Math.sqrt(32)), BART),
            each("an encoder layer skipped", BOTH, layers("encoder", 1), BART),
            each("a decoder layer skipped", BOTH, layers("decoder", 2), BART),
            each("the encoder's number of heads", BOTH, heads("encoder", 2), BART),
            each("the decoder's number of heads", BOTH, heads("decoder", 4), BART),
            each(
                "the classifier reads the first token",
                PYTORCH,
                mutant ->
                    mutant.replace(
                        "torch.index_select(y, 0, torch.slice(offsets, 0, 1) - 1)",
                        "__torch__.functions.first_tokens(y, offsets)"),
                BART),
            each(
                "the classifier reads the last token but one",
                PYTORCH,
                mutant ->
                    mutant.replace(
                        "torch.slice(offsets, 0, 1) - 1", "torch.slice(offsets, 0, 1) - 2"),
                BART),
            each(
                "the head's activation",
                PYTORCH,
                mutant -> mutant.replace("torch.tanh", "torch.gelu"),
                BART))
        .flatMap(mutation -> mutation);
  }

  /** Without a mutation the same path meets the reference. */
  static Stream<Arguments> controls() {
    List<String> all = new ArrayList<>(ALL);
    all.addAll(List.of("electra-wide", "deberta-clamped", "deberta-v2-conv"));
    return each("no mutation", BOTH, mutant -> {}, all);
  }

  private static List<String> except(String... names) {
    return ALL.stream().filter(name -> !List.of(names).contains(name)).toList();
  }

  private static Stream<Arguments> each(
      String description,
      List<Engine> engines,
      Consumer<Mutant> mutation,
      List<String> checkpoints) {
    return engines.stream()
        .flatMap(
            engine ->
                checkpoints.stream().map(name -> arguments(name, engine, description, mutation)));
  }

  @ParameterizedTest(name = "{0}, {1}: {2}")
  @MethodSource("mutations")
  void aMutationMissesTheReference(
      String name, Engine engine, String description, Consumer<Mutant> mutation)
      throws IOException {
    assertThat(difference(name, engine, mutation)).as(description).isGreaterThan(3 * TOLERANCE);
  }

  @ParameterizedTest(name = "{0}, {1}: {2}")
  @MethodSource("controls")
  void withoutAMutationTheReferenceIsMet(
      String name, Engine engine, String description, Consumer<Mutant> mutation)
      throws IOException {
    assertThat(difference(name, engine, mutation)).as(description).isLessThan(TOLERANCE);
  }

  private double difference(String name, Engine engine, Consumer<Mutant> mutation)
      throws IOException {
    return Mutant.differenceAfter(mutation, ParityCheckpoint.named(name), engine, folder);
  }

  /** Swaps two of queries, keys and values in every layer. */
  private static void swapThirds(Mutant mutant, int first, int second) {
    for (String name : List.of("qkv_weight", "qkv_bias")) {
      if (mutant.has(name)) {
        mutant.changeTensors(
            name, tensors -> tensors.stream().map(swap(3, first, second)).toList());
      }
    }
  }

  /** As above, in one part of a model. */
  private static void swapThirds(Mutant mutant, String part, int first, int second) {
    for (String name : List.of("qkv_weight", "qkv_bias")) {
      mutant.changeIn(
          part,
          name,
          value ->
              new Attribute.TensorListAttribute(
                  ((Attribute.TensorListAttribute) value)
                      .values().stream().map(swap(3, first, second)).toList()));
    }
  }

  private static Consumer<Mutant> layers(String part, int count) {
    return mutant ->
        mutant.changeIn(part, "num_layers", value -> new Attribute.IntAttribute(count));
  }

  private static Consumer<Mutant> heads(String part, int count) {
    return mutant -> mutant.changeIn(part, "num_heads", value -> new Attribute.IntAttribute(count));
  }

  private static void real(Mutant mutant, String name, double number) {
    mutant.change(name, value -> new Attribute.FloatAttribute(number));
  }

  /** Gives each position the row of the one before. */
  private static Consumer<Mutant> one(String table) {
    return mutant ->
        mutant.change(
            table,
            value -> {
              TensorData rows = ((Attribute.TensorAttribute) value).value();
              int count = rows.shape().get(0);
              return new Attribute.TensorAttribute(
                  TensorData.concat(
                      List.of(TensorData.rows(rows, 0, 1), TensorData.rows(rows, 0, count - 1))));
            });
  }

  /** Swaps two of the equal parts that a tensor's rows have. */
  private static UnaryOperator<TensorData> swap(int parts, int first, int second) {
    return tensor -> {
      float[] values = ConstantFolding.values(tensor);
      int part = values.length / parts;
      float[] swapped = values.clone();
      System.arraycopy(values, first * part, swapped, second * part, part);
      System.arraycopy(values, second * part, swapped, first * part, part);
      return TensorData.of(swapped, tensor.shape().toArray(Integer[]::new));
    };
  }

  private static List<TensorData> swapFirstTwo(List<TensorData> tensors) {
    List<TensorData> swapped = new ArrayList<>(tensors);
    Collections.swap(swapped, 0, 1);
    return swapped;
  }

  private static void skipALayer(Mutant mutant) {
    if (mutant.has("num_layers")) {
      mutant.change("num_layers", value -> new Attribute.IntAttribute(1));
    } else {
      mutant.change(
          "layer_is_global",
          value ->
              new Attribute.IntListAttribute(
                  ((Attribute.IntListAttribute) value).values().subList(0, 2)));
    }
  }

  private static void tinyEpsilon(Mutant mutant) {
    String name = mutant.has("norm_eps") ? "norm_eps" : "layer_norm_eps";
    mutant.change(name, value -> new Attribute.FloatAttribute(1e-12));
  }

  private static void text(Mutant mutant, String name, String value) {
    mutant.change(name, old -> new Attribute.StringAttribute(value));
  }

  private static void window(Mutant mutant, int change) {
    mutant.change(
        "window",
        value -> new Attribute.IntAttribute(((Attribute.IntAttribute) value).value() + change));
  }

  private static Consumer<Mutant> rows(Consumer<List<Integer>> change) {
    return mutant ->
        mutant.change(
            "rows",
            value -> {
              List<Integer> rows = new ArrayList<>(((Attribute.IntListAttribute) value).values());
              change.accept(rows);
              return new Attribute.IntListAttribute(rows);
            });
  }

  private static OnnxProgram otherActivation(OnnxProgram writer) {
    OnnxHead head = ((OnnxEncoderProgram) writer).head();
    String other = head.activation().equals("tanh") ? "gelu" : "tanh";
    return new OnnxEncoderProgram(new OnnxHead(head.dense(), other, head.output()));
  }
}
