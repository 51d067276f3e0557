package dev.crossencoder.model.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.model.io.JsonFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The catalog says what the collected configurations and published figures say. */
@Tag("data")
class CatalogFactsITCase {
  private static final int FAMILY_SIZE = 22;

  private final ModelCatalog catalog = ModelCatalog.load();
  private Path data;

  @BeforeEach
  void findTheData() {
    String folder = System.getProperty("crossencoder.data", "");
    assumeTrue(
        !folder.isBlank(),
        "Skipped, there is no data: set -Dcrossencoder.data to the folder with the recorded data.");
    data = Path.of(folder);
    assertThat(data).isDirectory();
  }

  @Test
  void everyModelOfTheFamilyHasTheFactsOfItsConfiguration() throws IOException {
    JsonNode models = json("configs", "family.json").path("models");

    assertThat(models).hasSize(FAMILY_SIZE);
    for (Map.Entry<String, JsonNode> model : models.properties()) {
      JsonNode config = model.getValue();
      CatalogEntry entry = catalog.find(model.getKey()).orElseThrow();
      assertThat(entry.name()).isEqualTo(model.getKey());
      assertThat(entry.architecture()).as(entry.name()).isEqualTo(text(config, "model_type"));
      assertThat(entry.layers()).as(entry.name()).isEqualTo(number(config, "num_hidden_layers"));
      assertThat(entry.hiddenSize()).as(entry.name()).isEqualTo(number(config, "hidden_size"));
      assertThat(entry.activation().key()).as(entry.name()).isEqualTo(text(config, "activation"));
      assertThat(entry.labels()).as(entry.name()).isEqualTo(labels(config));
      assertThat(entry.maxLength())
          .as(entry.name())
          .isEqualTo(number(config, "max_position_embeddings") - positionOffset(config));
      assertThat(entry.parameters()).as(entry.name()).isGreaterThan(embeddings(config));
    }
  }

  @Test
  void everyPublishedFigureIsInTheCatalog() throws IOException {
    JsonNode published = json("expected", "published_quality.json");

    for (Map.Entry<String, JsonNode> model : published.path("msmarco").properties()) {
      if (!model.getKey().equals("columns")) {
        CatalogEntry entry = entry(model.getKey().replace(" (v1)", ""));
        assertQuality(entry, "NDCG@10", "TREC DL 2019", model.getValue().get(0).asDouble());
        assertQuality(entry, "MRR@10", "MS MARCO dev", model.getValue().get(1).asDouble());
        assertThat(entry.throughput())
            .as(entry.name())
            .anySatisfy(
                figure -> {
                  assertThat(figure.hardware()).isEqualTo("V100");
                  assertThat(figure.documentsPerSecond())
                      .isEqualTo(model.getValue().get(2).asInt());
                });
      }
    }
    assertFirstQuality(published.path("qnli_dev_accuracy"), "accuracy", "QNLI dev");
    assertFirstQuality(published.path("stsb_test_spearman_x100"), "Spearman", "STSb test");
    assertFirstQuality(
        published.path("quora_dev_average_precision"), "average precision", "Quora duplicates dev");
    assertFirstQuality(published.path("mnli_mismatched_accuracy"), "accuracy", "MNLI mismatched");
    JsonNode similarity = published.path("stsb_dev_with_ms_marco_MiniLM_L6");
    CatalogEntry small = entry("ms-marco-MiniLM-L6-v2");
    assertQuality(small, "Pearson", "STSb dev", 100 * similarity.path("pearson").asDouble());
    assertQuality(small, "Spearman", "STSb dev", 100 * similarity.path("spearman").asDouble());
  }

  private void assertFirstQuality(JsonNode figures, String metric, String dataset) {
    assertThat(figures).isNotEmpty();
    for (Map.Entry<String, JsonNode> figure : figures.properties()) {
      CatalogEntry entry = entry(figure.getKey());
      assertQuality(entry, metric, dataset, figure.getValue().asDouble());
      assertThat(entry.quality().get(0).metric()).isEqualTo(metric);
    }
  }

  private static void assertQuality(
      CatalogEntry entry, String metric, String dataset, double value) {
    assertThat(entry.quality())
        .as(entry.name())
        .anySatisfy(
            figure -> {
              assertThat(figure.metric()).isEqualTo(metric);
              assertThat(figure.dataset()).isEqualTo(dataset);
              assertThat(figure.value()).isCloseTo(value, within(0.005));
            });
  }

  private CatalogEntry entry(String name) {
    return catalog.find("cross-encoder/" + name).orElseThrow();
  }

  private static List<String> labels(JsonNode config) {
    List<String> labels = new ArrayList<>();
    for (int i = 0; i < number(config, "num_labels"); i++) {
      labels.add(config.path("id2label").path(String.valueOf(i)).asText("LABEL_" + i));
    }
    return labels;
  }

  /** RoBERTa's first position is the one after its padding id. */
  private static int positionOffset(JsonNode config) {
    return text(config, "model_type").equals("roberta") ? number(config, "pad_token_id") + 1 : 0;
  }

  private static long embeddings(JsonNode config) {
    return (long) number(config, "vocab_size") * number(config, "hidden_size");
  }

  private static int number(JsonNode config, String key) {
    assertThat(config.path(key).isInt()).as(key).isTrue();
    return config.path(key).intValue();
  }

  private static String text(JsonNode config, String key) {
    assertThat(config.path(key).isTextual()).as(key).isTrue();
    return config.path(key).textValue();
  }

  private JsonNode json(String folder, String file) throws IOException {
    return JsonFiles.MAPPER.readTree(data.resolve(folder).resolve(file).toFile());
  }
}
