package dev.crossencoder.cli.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.crossencoder.cli.CommandLineFixture;
import dev.crossencoder.model.catalog.CatalogEntry;
import dev.crossencoder.model.catalog.CatalogTask;
import dev.crossencoder.model.catalog.ModelCatalog;
import java.util.List;
import org.junit.jupiter.api.Test;

class ModelsCommandTest {
  private static final int WIDTH = 120;

  private final CommandLineFixture cli = new CommandLineFixture();

  @Test
  void aRowHasWhatOneChoosesAModelBy() {
    assertThat(cli.run("models")).isZero();

    assertThat(cli.out().lines())
        .anyMatch(
            line ->
                line.matches(
                    " cross-encoder/ms-marco-MiniLM-L6-v2 +bert +22\\.7 M +1 +identity +512 +74\\.30 +39\\.01 +1800"))
        .anyMatch(
            line ->
                line.matches(
                    " cross-encoder/nli-deberta-v3-base +deberta-v2 +184\\.4 M +3 +identity +512 +90\\.04"));
  }

  @Test
  void theHeadersSayWhatTheFiguresAreAndOnWhichHardware() {
    cli.run("models", "--task", "ms-marco");

    assertThat(cli.out())
        .contains("NDCG@10 on TREC DL 2019; MRR@10 on MS MARCO dev; docs/s on V100")
        .containsPattern("NDCG@10 +MRR@10 +docs/s\\R.* length +on V100")
        .contains("All figures were published by others; none was measured here.")
        .contains("https://sbert.net/docs/pretrained-models/ce-msmarco.html")
        .contains("cross-encoder pull NAME");
  }

  @Test
  void everyModelIsListedUnderItsTask() {
    cli.run("models");

    List<String> lines = cli.out().lines().toList();
    for (CatalogEntry entry : ModelCatalog.load().entries()) {
      int heading = lines.indexOf(entry.task().key() + ": " + entry.task().description());
      List<String> section = lines.subList(heading, lines.size());
      assertThat(section.subList(0, section.indexOf("")))
          .anyMatch(line -> line.startsWith(" " + entry.name() + " "));
    }
  }

  @Test
  void noLineIsWiderThanATerminal() {
    cli.run("models");

    assertThat(cli.out().lines()).allMatch(line -> line.length() <= WIDTH);
  }

  @Test
  void aTaskLimitsTheList() {
    cli.run("models", "--task", "nli");

    assertThat(cli.out())
        .contains("cross-encoder/nli-roberta-base")
        .contains("labels: contradiction, entailment, neutral")
        .doesNotContain("ms-marco");
  }

  @Test
  void anUnknownTaskIsAnsweredWithTheKnownOnes() {
    assertThat(cli.run("models", "--task", "translation")).isEqualTo(2);
    assertThat(cli.err())
        .isEqualToNormalizingNewlines(
            """
            Invalid task: translation. It must be one of ms-marco, reranking, qnli, stsb, quora, nli, zero-shot.
            See 'cross-encoder models --help'.
            """);
  }

  @Test
  void jsonHasAllFactsWithTheirSources() throws JsonProcessingException {
    assertThat(cli.run("models", "--json", "--task=ms-marco")).isZero();

    JsonNode models = new ObjectMapper().readTree(cli.out());
    assertThat(models)
        .hasSize(
            (int)
                ModelCatalog.load().entries().stream()
                    .filter(entry -> entry.task() == CatalogTask.MS_MARCO)
                    .count());
    JsonNode model = models.get(3);
    assertThat(model.path("name").asText()).isEqualTo("cross-encoder/ms-marco-MiniLM-L6-v2");
    assertThat(model.path("former_names").get(0).asText())
        .isEqualTo("cross-encoder/ms-marco-MiniLM-L-6-v2");
    assertThat(model.path("parameters").asLong()).isEqualTo(22_713_601);
    assertThat(model.path("num_labels").asInt()).isEqualTo(1);
    assertThat(model.path("activation").asText()).isEqualTo("identity");
    assertThat(model.path("max_length").asInt()).isEqualTo(512);
    assertThat(model.path("quality").get(0).path("value").asDouble()).isEqualTo(74.3);
    assertThat(model.path("throughput").get(0).path("documents_per_second").asInt())
        .isEqualTo(1800);
    assertThat(model.findValuesAsText("source"))
        .isNotEmpty()
        .allMatch(source -> source.contains("sentence-transformers") || source.contains("https:"));
  }

  @Test
  void helpHasExamples() {
    assertThat(cli.run("models", "--help")).isZero();
    assertThat(cli.out()).contains("Usage: cross-encoder models").contains("Examples:");
  }
}
