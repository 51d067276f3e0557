package dev.crossencoder.model.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.model.Activation;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelCatalogTest {
  private static final String ENTRY =
      """
      {"sources": {"card": "https://huggingface.co/NAME"}, "models": [{
        "name": "a/b", "former_names": ["a/c"], "task": "nli", "architecture": "bert", "layers": 2,
        "hidden_size": 4, "parameters": 100, "parameters_source": "card", "labels": ["x", "y"],
        "activation": "softmax", "max_length": 8, "licence": "MIT", "configuration_source": "card",
        "quality": [{"metric": "accuracy", "dataset": "d", "value": 90.5, "source": "card"}],
        "throughput": []}]}
      """;

  private final ModelCatalog catalog = ModelCatalog.load();

  @Test
  void itKnowsTheSmallRerankerThatMostPeopleStartWith() {
    CatalogEntry entry = catalog.find("cross-encoder/ms-marco-MiniLM-L6-v2").orElseThrow();

    assertThat(entry.task()).isEqualTo(CatalogTask.MS_MARCO);
    assertThat(entry.architecture()).isEqualTo("bert");
    assertThat(entry.parameters()).isEqualTo(22_713_601);
    assertThat(entry.activation()).isEqualTo(Activation.IDENTITY);
    assertThat(entry.maxLength()).isEqualTo(512);
    assertThat(entry.quality().get(0).value()).isEqualTo(74.30);
    assertThat(entry.throughput().get(0))
        .isEqualTo(new PublishedThroughput(1800, "V100", entry.throughput().get(0).source()));
    assertThat(entry.configurationSource())
        .contains("https://huggingface.co/cross-encoder/ms-marco-MiniLM-L6-v2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ms-marco-TinyBERT-L-2-v2",
        "ms-marco-MiniLM-L-2-v2",
        "ms-marco-MiniLM-L-4-v2",
        "ms-marco-MiniLM-L-6-v2",
        "ms-marco-MiniLM-L-12-v2",
        "stsb-TinyBERT-L-4"
      })
  void theNameThatMostExistingCodeUsesLeadsToTheModel(String former) {
    assertThat(catalog.find("cross-encoder/" + former).orElseThrow().name())
        .isEqualTo("cross-encoder/" + former.replace("L-", "L"));
  }

  @Test
  void aModelThatIsNotListedIsNotFound() {
    assertThat(catalog.find("someone/something")).isEmpty();
    assertThat(catalog.find("MS-MARCO-MiniLM-L6-v2")).isEmpty();
  }

  @Test
  void entriesComeByTaskAndTheirNamesDiffer() {
    assertThat(catalog.entries()).extracting(CatalogEntry::task).isSorted();
    assertThat(catalog.entries()).extracting(CatalogEntry::name).doesNotHaveDuplicates();
    assertThat(catalog.entries()).allSatisfy(entry -> assertThat(entry.quality()).isNotEmpty());
  }

  @ParameterizedTest
  @CsvSource({
    "cross-encoder/ms-marco-minilm-l6, cross-encoder/ms-marco-MiniLM-L6-v2",
    "ms-marco-MiniLM-L6-v2, cross-encoder/ms-marco-MiniLM-L6-v2",
    "sentence-transformers/ms-marco-MiniLM-L-12-v2, cross-encoder/ms-marco-MiniLM-L12-v2",
    "cross-encoder-ms-marco-MiniLM-L6-v2, cross-encoder/ms-marco-MiniLM-L6-v2",
    "cross-encoder/nli-deberta-v3-bas, cross-encoder/nli-deberta-v3-base",
    "cross-encoder/nli-deberta-v3-large, cross-encoder/nli-deberta-v3-base",
    "BAAI/bge-reranker-v2m3, BAAI/bge-reranker-v2-m3",
    "bge-reranker-large, BAAI/bge-reranker-large",
    "cross-encoder/stsb-tinybert-l-4, cross-encoder/stsb-TinyBERT-L4"
  })
  void aTypoIsAnsweredWithTheNearestNamesFirst(String written, String meant) {
    List<String> suggestions = catalog.suggestions(written);

    assertThat(suggestions).hasSizeBetween(1, 3).startsWith(meant).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "nowhere", "google-bert/bert-base-uncased", "cross-encoder/"})
  void whatIsNearNoNameIsNotGuessedAt(String written) {
    assertThat(catalog.suggestions(written)).isEmpty();
  }

  @Test
  void anEntryIsReadWithItsSourcesWrittenOut() {
    assertThat(read(ENTRY))
        .containsExactly(
            new CatalogEntry(
                "a/b",
                List.of("a/c"),
                CatalogTask.NLI,
                "bert",
                2,
                4,
                100,
                "https://huggingface.co/a/b",
                List.of("x", "y"),
                Activation.SOFTMAX,
                8,
                "MIT",
                "https://huggingface.co/a/b",
                List.of(new PublishedQuality("accuracy", "d", 90.5, "https://huggingface.co/a/b")),
                List.of(),
                Optional.empty()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'\"layers\": 2,'|''|a/b: layers is missing.",
        "'\"layers\": 2'|'\"layers\": 0'|'a/b: Invalid layers of a/b: 0. It must be positive.'",
        "'\"nli\"'|'\"dance\"'|'a/b: Invalid task: dance. It must be one of ms-marco, reranking, qnli, stsb, quora, nli, zero-shot.'",
        "'\"softmax\"'|'\"squash\"'|'a/b: Invalid activation: squash. It must be one of identity, sigmoid, softmax, log-softmax, softmin, tanh, relu, relu6, leaky-relu, prelu, elu, celu, selu, gelu, silu, mish, softplus, softsign, softshrink, hardshrink, tanhshrink, hardtanh, hardsigmoid, hardswish, log-sigmoid.'",
        "'\"a/b\"'|'\"b\"'|'b: Invalid name: b. It must be an owner and a name, as in owner/name.'",
        "'90.5'|'\"high\"'|'a/b: Invalid value of accuracy: NaN. It must be from 0 to 100.'",
        "'\"parameters_source\": \"card\"'|'\"parameters_source\": \"hearsay\"'|'a/b: Invalid parameters_source: \"hearsay\". It must be one of sources.'",
        "'[\"x\", \"y\"]'|'[]'|'a/b: Invalid number of labels of a/b: 0. It must be positive.'"
      })
  void aWrongFactIsRefusedWithModelAndKey(String fact, String wrong, String message) {
    assertThatThrownBy(() -> read(ENTRY.replace(fact, wrong)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Cannot read catalog.json, " + message);
  }

  @Test
  void twoModelsCannotHaveOneName() {
    List<CatalogEntry> entry = read(ENTRY);

    assertThatThrownBy(() -> new ModelCatalog(List.of(entry.get(0), entry.get(0))))
        .hasMessage("Invalid catalog: the name a/b occurs twice.");
  }

  private static List<CatalogEntry> read(String json) {
    return CatalogReader.read("catalog.json", json.getBytes(StandardCharsets.UTF_8));
  }
}
