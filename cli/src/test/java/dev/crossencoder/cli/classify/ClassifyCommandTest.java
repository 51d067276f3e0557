package dev.crossencoder.cli.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.crossencoder.cli.CommandLineFixture;
import dev.crossencoder.cli.command.ExitCodes;
import dev.crossencoder.model.classification.Classification;
import dev.crossencoder.model.classification.ClassifyOptions;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

@Timeout(180)
class ClassifyCommandTest {
  private static final String LABELS = "--labels=food; travel ;sport";
  private static final List<String> TEXTS =
      List.of("The bread was warm and the soup was salty.", "The train to the coast was late.");

  @TempDir private Path folder;
  private final CommandLineFixture cli = new CommandLineFixture();

  @Test
  void resultsAreThoseOfTheLibrary() throws IOException {
    Path file = write("texts.csv", "id,text\n7,\"%s\"\n8,\"%s\"\n".formatted(TEXTS.toArray()));

    assertThat(
            classify(
                LABELS,
                "--label=odd; label",
                "--template=This is about {}.",
                "--multi-label",
                "--json",
                file.toString()))
        .as(cli.err())
        .isZero();

    List<Classification> expected;
    try (CrossEncoder model =
        CrossEncoder.open(
            ModelRepository.shared().resolve("demo-nli"), CrossEncoderOptions.DEFAULT)) {
      expected =
          model.classify(
              TEXTS,
              List.of("food", "travel", "sport", "odd; label"),
              ClassifyOptions.DEFAULT.withTemplate("This is about {}.").withMultiLabel());
    }
    List<String> lines = cli.out().lines().toList();
    assertThat(lines).hasSize(2);
    for (int i = 0; i < 2; i++) {
      JsonNode json = new JsonMapper().readTree(lines.get(i));
      assertThat(json.path("index").intValue()).isEqualTo(i);
      assertThat(json.path("source").textValue()).isEqualTo(file + ":" + (i + 2));
      assertThat(json.path("id").textValue()).isEqualTo(String.valueOf(i + 7));
      assertThat(json.path("model").textValue()).isEqualTo("demo-nli");
      assertThat(json.path("revision").textValue()).startsWith("sha256:");
      assertThat(json.path("truncated").booleanValue()).isFalse();
      for (int label = 0; label < 4; label++) {
        assertThat(json.path("labels").path(label).textValue())
            .isEqualTo(expected.get(i).labels().get(label));
        assertThat(json.path("scores").path(label).doubleValue())
            .isCloseTo(expected.get(i).scores().get(label), within(1e-5));
      }
    }
  }

  @Test
  void theTableOfOneTextShowsAllLabels() {
    assertThat(classify(LABELS, "--text", TEXTS.get(0))).as(cli.err()).isZero();

    List<String> lines = cli.out().lines().toList();
    assertThat(lines).hasSize(4);
    assertThat(lines.get(0)).matches(" *score +label");
    assertThat(lines.get(1)).matches(" *0[.][0-9]{4} +food");
  }

  @Test
  void theTableOfSeveralTextsShowsTheBestLabels() throws IOException {
    Path file = write("texts.txt", String.join("\n\n", TEXTS));

    assertThat(classify(LABELS, file.toString())).isZero();
    List<String> lines = cli.out().lines().toList();
    assertThat(lines).hasSize(3);
    assertThat(lines.get(1)).matches(".*food +.*texts.txt:1 +" + TEXTS.get(0));
    assertThat(lines.get(2)).matches(".*travel +.*texts.txt:3 +" + TEXTS.get(1));

    assertThat(classify(LABELS, "--top-n=2", file.toString())).isZero();
    assertThat(cli.out().lines().skip(3)).hasSize(5);
  }

  @Test
  void aBadTextIsAnErrorAndTheOthersAreClassified() throws IOException {
    Path file = write("texts.jsonl", "{\"text\":3}\n{\"text\":\"Warm bread.\"}\n{oops\n");

    assertThat(classify(LABELS, "--json", file.toString())).isEqualTo(ExitCodes.FAILURE);

    List<String> lines = cli.out().lines().toList();
    assertThat(lines).hasSize(3);
    assertThat(lines.get(0)).contains("\"error\":\"The text must be a string");
    assertThat(lines.get(1)).contains("\"labels\":[\"food\"");
    assertThat(cli.err())
        .contains("texts.jsonl:1: The text must be a string; it is of type number.")
        .contains("texts.jsonl:3: It is not valid JSON at column ")
        .doesNotContain("oops");
  }

  @Test
  void aHypothesisThatDoesNotFitIsAnErrorOfTheTextsThatItConcerns() throws IOException {
    Path file = write("texts.txt", "Short.\n" + "long ".repeat(600));

    assertThat(classify("--label=" + "x ".repeat(480), "--max-length=400", file.toString()))
        .isEqualTo(ExitCodes.FAILURE);

    assertThat(cli.err())
        .contains("texts.txt:1: The pair does not fit: its second text has at least")
        .contains("texts.txt:2: The pair does not fit: its second text has at least");
    assertThat(cli.out()).isEmpty();
  }

  @Test
  void noTextHasNoResult() throws IOException {
    assertThat(classify(LABELS, write("empty.txt", "\n \n").toString())).isZero();

    assertThat(cli.out()).isEmpty();
    assertThat(cli.err()).contains("There is no text to classify.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--json|Invalid --labels: missing. The list of labels is empty.",
        "--labels=a;;b|Invalid --labels: a;;b. Label 2 of 3 is blank.",
        "--labels=a;b;a|Invalid --labels: a;b;a. Labels 1 and 3 are the same.",
        "--labels=a --label=a|Labels 1 and 2 are the same.",
        "--labels=a --template=is|Invalid --template: is. It must contain {} once",
        "--labels=a --template={}{}|Invalid --template: {}{}. It must contain {} once",
        "--labels=a --top-n=0|Invalid --top-n: 0. It must be positive.",
        "--labels=a --text=x y.txt|Give a text or files, not both.",
        "--labels=a --text-field=text a.jsonl|Invalid --text-field: text. In JSON it must be a pointer",
        "--labels=a - -|Standard input can be read once only."
      })
  void invalidOptionsAreRefused(String arguments, String message) {
    assertThat(classify(arguments.split(" "))).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(cli.err()).contains(message);
  }

  @Test
  void aModelThatIsNoNliModelIsRefused() {
    assertThat(cli.run("classify", "--model=demo-qa", LABELS, "--text=x"))
        .isEqualTo(ExitCodes.FAILURE);
    assertThat(classify(LABELS, "--entailment-label=yes", "--text=x")).isEqualTo(ExitCodes.FAILURE);

    assertThat(cli.err())
        .contains("Cannot classify with demo-qa, it has one label.")
        .contains("Invalid classify.entailment-label: yes. The model demo-nli has the labels");
  }

  private int classify(String... arguments) {
    List<String> all = new ArrayList<>(List.of("classify", "--model=demo-nli"));
    all.addAll(List.of(arguments));
    return cli.run(all.toArray(String[]::new));
  }

  private Path write(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }
}
