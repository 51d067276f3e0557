package dev.crossencoder.cli.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.crossencoder.cli.CommandLineFixture;
import dev.crossencoder.cli.command.CommandFailedException;
import dev.crossencoder.cli.command.ExitCodes;
import dev.crossencoder.model.Activation;
import dev.crossencoder.model.ModelUnavailableException;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.catalog.ModelCatalog;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

@Timeout(180)
class PresetTest {
  @TempDir private Path folder;
  private final CommandLineFixture cli = new CommandLineFixture();

  /** The names of metrics and data sets are those of the catalog. */
  @ParameterizedTest
  @EnumSource(Preset.class)
  void theCatalogHasPublishedFiguresOfEachPreset(Preset preset) {
    assertThat(
            ModelCatalog.shared().entries().stream()
                .filter(entry -> preset.published(entry).isPresent()))
        .hasSizeGreaterThanOrEqualTo(2);
    assertThat(Preset.parse(preset.key())).isEqualTo(preset);
  }

  @Test
  void thePublishedFigureIsAShare() {
    assertThat(
            Preset.MS_MARCO_DL19
                .published(
                    ModelCatalog.shared().find("cross-encoder/ms-marco-MiniLM-L6-v2").orElseThrow())
                .orElseThrow())
        .isCloseTo(0.743, within(1e-9));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ms-marco-dl19   | msmarco-passagetest2019-top1000.tsv;1\\ta\\tWho built it?\\tAda built it.\\n1\\tb\\tWho built it?\\tBread.\\n | 2019qrels-pass.txt;1 Q0 a 2\\n | ndcg@10
          ms-marco-dev    | top1000.dev;1\\ta\\tWho built it?\\tAda built it.\\n1\\tb\\tWho built it?\\tBread.\\n | qrels.dev.small.tsv;1\\t0\\ta\\t1\\n | mrr@10
          qnli            | dev.tsv;index\\tquestion\\tsentence\\tlabel\\n0\\tWho built it?\\t"Ada" built it.\\tentailment\\n1\\tWho built it?\\tBread.\\tnot_entailment\\n | | accuracy
          stsb            | sts-test.csv;a\\tb\\tc\\td\\t5.0\\tIt is red.\\tIt is red.\\na\\tb\\tc\\td\\t0.5\\tIt is red.\\tBread.\\n | | spearman
          quora           | dev_pairs.tsv;qid1\\tqid2\\tquestion1\\tquestion2\\tis_duplicate\\n1\\t2\\tWho built it?\\tWho built it?\\t1\\n3\\t4\\tWho built it?\\tBread.\\t0\\n | | average-precision
          """)
  void eachPresetReadsItsFiles(String key, String first, String second, String figure)
      throws IOException {
    write(first);
    if (second != null) {
      write(second);
    }

    assertThat(
            cli.run(
                "evaluate",
                "demo-qa",
                "--preset=" + key,
                "--data=" + folder,
                "--json",
                "--fail-below=" + figure + "=0"))
        .as(cli.err())
        .isZero();
    JsonNode report = new JsonMapper().readTree(cli.out());
    assertThat(report.path("figures").path(figure).path("value").doubleValue()).isBetween(0.0, 1.0);
    assertThat(report.path("notes"))
        .extracting(JsonNode::textValue)
        .contains("No figure of demo-qa on these data is in the catalog.");
  }

  @Test
  void labelsOfMnliAreThoseOfItsModels() throws IOException {
    write(
        "dev_mismatched.tsv;index\\tsentence1\\tsentence2\\tgold_label\\n0\\tA man sleeps.\\tA man is awake.\\tcontradiction\\n1\\tA man sleeps.\\tA man rests.\\tentailment\\n");

    assertThat(
            cli.run(
                "evaluate", "demo-nli", "--preset=mnli-mismatched", "--data=" + folder, "--json"))
        .as(cli.err())
        .isZero();
    assertThat(new JsonMapper().readTree(cli.out()).path("task").textValue())
        .isEqualTo("classification");
  }

  @Test
  void missingFilesAreNamed() {
    assertThat(cli.run("evaluate", "demo-qa", "--preset=qnli", "--data=" + folder))
        .isEqualTo(ExitCodes.FAILURE);
    assertThat(cli.err())
        .isEqualToIgnoringNewLines(
            "Cannot evaluate qnli, the folder %s has no file QNLI/dev.tsv or dev.tsv. docs/evaluate.md says where it comes from."
                .formatted(folder));
  }

  @Test
  void thePublishedFigureIsShownBesideTheMeasuredOne() throws IOException {
    writeSts();
    List<String> lines = new ArrayList<>();

    PublishedTable table = PublishedTable.measure(folder, this::openStsb, lines::add);

    assertThat(table.rows())
        .hasSizeGreaterThanOrEqualTo(4)
        .allMatch(row -> row.preset() == Preset.STSB);
    assertThat(table.missing()).hasSize(Preset.values().length - 1);
    assertThat(table.complete()).isFalse();
    PublishedTable.Row measured =
        table.rows().stream()
            .filter(row -> row.model().equals("cross-encoder/stsb-roberta-base"))
            .findFirst()
            .orElseThrow();
    assertThat(measured.value()).isBetween(-1.0, 1.0);
    assertThat(measured.published()).isCloseTo(0.9017, within(1e-9));
    assertThat(table.markdown())
        .startsWith("| data | model | figure | here | published | difference |\n")
        .contains("| stsb | cross-encoder/stsb-roberta-base | spearman | ")
        .contains("| stsb | cross-encoder/stsb-roberta-large | spearman | – | 0.9147 | – |")
        .contains("- cross-encoder/stsb-roberta-large: not here\n")
        .startsWith(String.join("\n", lines) + "\n");
  }

  private CrossEncoder openStsb(String name) {
    if (!name.equals("cross-encoder/stsb-roberta-base")) {
      throw new ModelUnavailableException("not here");
    }
    return CrossEncoder.open(
        ModelRepository.shared().resolve("demo-qa"), CrossEncoderOptions.DEFAULT);
  }

  @Test
  void aFolderWithoutDataIsRefused() {
    assertThatThrownBy(() -> PublishedTable.measure(folder, this::openStsb, line -> {}))
        .isInstanceOf(CommandFailedException.class)
        .hasMessageEndingWith("has the files of no preset. docs/evaluate.md lists them.");
  }

  @Test
  void allModelsOfTheCatalogAreListedEvenIfNoneCanBeHad() throws IOException {
    writeSts();
    Path markdown = folder.resolve("table.md");

    assertThat(cli.run("evaluate", "--all-published", "--data=" + folder, "--markdown=" + markdown))
        .isEqualTo(ExitCodes.FAILURE);
    assertThat(cli.out()).contains("| stsb | cross-encoder/stsb-roberta-base | spearman | – |");
    assertThat(markdown).hasContent(cli.out());
  }

  private void writeSts() throws IOException {
    write(
        "sts-test.csv;a\\tb\\tc\\td\\t5.0\\tIt is red.\\tIt is red.\\na\\tb\\tc\\td\\t0.5\\tIt is red.\\tBread.\\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          demo-qa --preset=qnli                   | Invalid --data: missing.
          --preset=qnli --data=x                  | Invalid MODEL: missing.
          demo-qa --preset=qnli --data=x --pairs=p | Invalid --preset: there are other data, too.
          demo-qa --pairs=p --data=x              | Invalid --data: it needs --preset or --all-published
          --all-published                         | Invalid --data: missing.
          demo-qa --all-published --data=x        | Invalid --all-published: it evaluates the models of the catalog.
          """)
  void otherArgumentsAreRefused(String arguments, String message) {
    List<String> words = new ArrayList<>(List.of("evaluate"));
    words.addAll(Arrays.asList(arguments.split(" ", -1)));

    assertThat(cli.run(words.toArray(String[]::new))).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(cli.err()).startsWith(message);
  }

  private void write(String file) throws IOException {
    String[] parts = file.split(";", 2);
    Files.writeString(folder.resolve(parts[0]), parts[1].replace("\\n", "\n").replace("\\t", "\t"));
  }

  /** One model must not cost the figures of the others. */
  @Test
  void whateverHappensToAModelIsTheProblemOfItsRow() throws IOException {
    write("dev.tsv;question\\tsentence\\tlabel\\nWho?\\tAda.\\tno\\n");
    writeSts();

    PublishedTable table =
        PublishedTable.measure(
            folder,
            name -> {
              if (!name.equals("cross-encoder/stsb-roberta-base")) {
                throw new IllegalStateException("broken");
              }
              return openStsb(name);
            },
            line -> {});

    assertThat(table.rows()).filteredOn(row -> row.value() != null).hasSize(1);
    assertThat(table.rows())
        .filteredOn(row -> row.value() == null)
        .isNotEmpty()
        .allMatch(row -> row.problem().equals("broken"));
    assertThat(table.missing())
        .anyMatch(missing -> missing.startsWith("qnli: Cannot map the label"));
  }

  @Test
  void accuracyNeedsScoresFromZeroToOne() throws IOException {
    writeQnli();

    PublishedTable table =
        PublishedTable.measure(
            folder,
            name ->
                CrossEncoder.open(
                    ModelRepository.shared().resolve("demo-qa"),
                    CrossEncoderOptions.DEFAULT.withActivation(Activation.parse("identity"))),
            line -> {});

    assertThat(table.rows())
        .isNotEmpty()
        .allMatch(
            row ->
                row.problem()
                    .equals(
                        "its scores are not all from 0 to 1, so that there is no accuracy at the threshold 0.5."));
  }

  private void writeQnli() throws IOException {
    write(
        "dev.tsv;index\\tquestion\\tsentence\\tlabel\\n0\\tWho built it?\\t\"Ada\" built it.\\tentailment\\n1\\tWho built it?\\tBread.\\tnot_entailment\\n");
  }

  @Test
  void presetsReadTheirPairsAndMapTheirGold() throws IOException {
    writeQnli();
    writeSts();

    assertThat(Preset.QNLI.task(folder).pairs())
        .containsExactly(
            new TextPair("Who built it?", "\"Ada\" built it."),
            new TextPair("Who built it?", "Bread."));
    assertThat(gold(Preset.QNLI)).containsExactly(1, 0);
    assertThat(Preset.STSB.task(folder).pairs())
        .containsExactly(
            new TextPair("It is red.", "It is red."), new TextPair("It is red.", "Bread."));
    assertThat(gold(Preset.STSB)).containsExactly(5, 0.5);
  }

  private double[] gold(Preset preset) throws IOException {
    List<Score> scores =
        Stream.of(0.9f, 0.1f)
            .map(score -> new Score(score, null, Map.of(), List.of(score), false))
            .toList();
    EvaluationTask task = preset.task(folder).forModel("model", List.of("LABEL_0"));
    return ((ScoreOutcomes) task.outcomes(List.of("LABEL_0"), scores)).gold();
  }
}
