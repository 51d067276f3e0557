package dev.crossencoder.cli.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.cli.command.CommandFailedException;
import dev.crossencoder.model.Activation;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.catalog.ModelCatalog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GoldenFileTest {
  @Test
  void aGroupIsReadWithAllItMayHave() {
    GoldenGroup group =
        only(
            """
            {"groups": [{"model": "a/b", "activation": "sigmoid", "tolerance": 0.01, "source": "a card",
              "pairs": [{"text": "t", "text_pair": "p", "expected": 0.5}]}]}
            """);

    assertThat(group.activation()).contains(Activation.SIGMOID);
    assertThat(group.tolerance()).isEqualTo(0.01);
    assertThat(group.source()).contains("a card");
    assertThat(group.pairs())
        .containsExactly(
            new GoldenGroup.GoldenPair(
                "g.json, group 1, pair 1", new TextPair("t", "p"), new Expected.Value(0.5)));
  }

  @Test
  void onlyPairsAreRequired() {
    GoldenGroup group =
        only(
            "{\"groups\": [{\"pairs\": [{\"text\": \"\", \"text_pair\": \"\", \"expected\": 1}]}]}");

    assertThat(group.activation()).isEmpty();
    assertThat(group.tolerance()).isEqualTo(GoldenFile.DEFAULT_TOLERANCE);
  }

  @Test
  void whatIsExpectedMayBeNumbersByPositionOrLabelOrALabel() {
    GoldenGroup group =
        only(
            """
            {"groups": [{"pairs": [
              {"text": "t", "text_pair": "p", "expected": [1, 2.5]},
              {"text": "t", "text_pair": "p", "expected": {"yes": -1, "no": 2}},
              {"text": "t", "text_pair": "p", "expected": "yes"}]}]}
            """);

    assertThat(group.pairs())
        .extracting(GoldenGroup.GoldenPair::expected)
        .containsExactly(
            new Expected.Values(List.of(1.0, 2.5)),
            new Expected.ByLabel(List.of(Map.entry("yes", -1.0), Map.entry("no", 2.0))),
            new Expected.Label("yes"));
  }

  @Test
  void recordingsAreReadAsTheyAre() {
    GoldenFile file =
        parse(
            """
            [{"model": "a/b", "activation": "identity (logit)", "precision": "fp32", "note": "",
              "pairs": [{"a": "t", "b": "p", "expected": 8.5}]},
             {"model": "a/nli", "activation": "argmax label",
              "pairs": [{"a": "t", "b": "p", "expected": "entailment"}]},
             {"model": "a/single", "pairs": [{"a": "no pair", "b": null, "expected": 1}]}]
            """);

    assertThat(file.models()).containsExactly("a/b", "a/nli", "a/single");
    GoldenGroup logits = file.groupsFor("a/b"::equals).get(0);
    assertThat(logits.activation()).contains(Activation.IDENTITY);
    assertThat(logits.pairs().get(0).pair()).isEqualTo(new TextPair("t", "p"));
    assertThat(file.groupsFor("a/nli"::equals).get(0).activation()).isEmpty();
    assertThat(file.groupsFor("another"::equals)).isEmpty();
    assertThatThrownBy(() -> file.groupsFor("a/single"::equals))
        .hasMessage("Invalid text_pair in g.json, group 3, pair 1: null. It must be a string.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'{'|'Cannot read g.json, it is not valid JSON: '",
        "''|'Invalid golden file g.json: it has no groups. It must be {\"groups\": [...]} with at least one, see ''cross-encoder parity --help''.'",
        "'{\"group\": []}'|'Invalid golden file g.json: it has no groups.'",
        "'3'|'Invalid golden file g.json: it has no groups.'",
        "'[5]'|'Invalid pairs in g.json, group 1: missing. It must be a list with at least one pair.'",
        "'[{\"pairs\": []}]'|'Invalid pairs in g.json, group 1: []. It must be a list with at least one pair.'",
        "'[{\"model\": 7, \"pairs\": []}]'|'Invalid model in g.json, group 1: 7. It must be a string.'",
        "'[{\"pairs\": [1]}]'|'Invalid text in g.json, group 1, pair 1: missing. It must be a string.'",
        "'[{\"pairs\": [{\"text\": \"t\", \"text_pair\": 2}]}]'|'Invalid text_pair in g.json, group 1, pair 1: 2. It must be a string.'",
        "'[{\"pairs\": [{\"text\": \"t\", \"text_pair\": \"p\"}]}]'|'Invalid expected in g.json, group 1, pair 1: missing. It must be a number, a list of numbers, an object of numbers by label, or a label.'",
        "'[{\"pairs\": [{\"text\": \"t\", \"text_pair\": \"p\", \"expected\": 1e999}]}]'|'Invalid expected in g.json, group 1, pair 1: '",
        "'[{\"pairs\": [{\"text\": \"t\", \"text_pair\": \"p\", \"expected\": [1, null]}]}]'|'Invalid expected in g.json, group 1, pair 1: [1,null]. '",
        "'[{\"pairs\": [{\"text\": \"t\", \"text_pair\": \"p\", \"expected\": {}}]}]'|'Invalid expected in g.json, group 1, pair 1: {}. '",
        "'[{\"tolerance\": 0, \"pairs\": [{\"text\": \"t\", \"text_pair\": \"p\", \"expected\": 1}]}]'|'Invalid tolerance in g.json, group 1: 0. It must be a positive number.'",
        "'[{\"activation\": \"squash\", \"pairs\": [{\"text\": \"t\", \"text_pair\": \"p\", \"expected\": 1}]}]'|'Invalid activation in g.json, group 1: \"squash\". It must be model or one of identity, sigmoid, softmax, log-softmax, softmin, tanh, relu, relu6, leaky-relu, prelu, elu, celu, selu, gelu, silu, mish, softplus, softsign, softshrink, hardshrink, tanhshrink, hardtanh, hardsigmoid, hardswish, log-sigmoid.'",
        "'[{\"model\": \"a\", \"model\": \"b\"}]'|'Cannot read g.json, it is not valid JSON: Duplicate field ''model'''"
      })
  void aMalformedFileIsOneLineThatNamesFileAndEntry(String json, String message) {
    assertThatThrownBy(() -> parse(json == null ? "" : json).groupsFor(model -> true))
        .isInstanceOf(CommandFailedException.class)
        .hasMessageStartingWith(message)
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
  }

  @Test
  void everyBuiltInGroupIsWellFormedAndForAModelOfTheCatalog() {
    GoldenFile file = GoldenFile.builtIn();

    assertThat(file.groupsFor(model -> true))
        .allSatisfy(group -> assertThat(group.source()).isPresent());
    assertThat(file.models())
        .contains(
            "cross-encoder/ms-marco-MiniLM-L6-v2",
            "cross-encoder/stsb-roberta-base",
            "cross-encoder/nli-deberta-v3-base")
        .allSatisfy(model -> assertThat(ModelCatalog.load().find(model)).isPresent());
  }

  @Test
  void theExampleOfTheDocumentationIsReadAsItStands() throws IOException {
    String page = Files.readString(Path.of("..", "docs", "models.md"));
    int start = page.indexOf("```json\n") + "```json\n".length();
    GoldenFile file = parse(page.substring(start, page.indexOf("```", start)));

    List<GoldenGroup> groups = file.groupsFor("cross-encoder/nli-deberta-v3-base"::equals);
    assertThat(groups).hasSize(1);
    assertThat(groups.get(0).activation()).contains(Activation.SOFTMAX);
    assertThat(groups.get(0).pairs()).hasSize(3);
    assertThat(GoldenFile.builtIn().models())
        .allSatisfy(
            model ->
                assertThat(page).contains("`" + model.substring(model.indexOf('/') + 1) + "`"));
  }

  @Test
  void thePublishedExamplesOfTheSmallRerankerAreLogitsAndProbabilitiesOfTheSamePairs() {
    List<GoldenGroup> groups =
        GoldenFile.builtIn().groupsFor("cross-encoder/ms-marco-MiniLM-L6-v2"::equals);

    for (int pair = 0; pair < 2; pair++) {
      GoldenGroup.GoldenPair logit = groups.get(0).pairs().get(pair);
      GoldenGroup.GoldenPair probability = groups.get(1).pairs().get(pair);
      assertThat(logit.pair()).isEqualTo(probability.pair());
      float[] activated = Activation.SIGMOID.apply(new float[] {(float) number(logit)});
      assertThat(Math.abs(activated[0] - number(probability)))
          .isLessThan(groups.get(1).tolerance());
    }
  }

  private static double number(GoldenGroup.GoldenPair pair) {
    return ((Expected.Value) pair.expected()).value();
  }

  private static GoldenGroup only(String json) {
    List<GoldenGroup> groups = parse(json).groupsFor("a/b"::equals);
    assertThat(groups).hasSize(1);
    return groups.get(0);
  }

  private static GoldenFile parse(String json) {
    return GoldenFile.parse("g.json", json.getBytes(StandardCharsets.UTF_8));
  }
}
