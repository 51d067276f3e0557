package dev.crossencoder.cli.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.crossencoder.cli.CommandLineFixture;
import dev.crossencoder.cli.command.ExitCodes;
import dev.crossencoder.model.Activation;
import dev.crossencoder.model.Calibration;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

@Timeout(180)
class CalibrateCommandTest {
  private static final List<String> THINGS =
      List.of(
          "lighthouse",
          "bridge",
          "mill",
          "church",
          "school",
          "harbour",
          "tower",
          "museum",
          "castle",
          "station",
          "library",
          "theatre",
          "market",
          "palace",
          "windmill",
          "tunnel",
          "canal",
          "dam",
          "wall",
          "farm",
          "prison",
          "hospital",
          "chapel",
          "barn");

  @TempDir private Path folder;
  private CommandLineFixture cli = new CommandLineFixture();

  private int calibrate(String... arguments) {
    cli = new CommandLineFixture();
    return cli.run(
        Stream.concat(Stream.of("calibrate"), Stream.of(arguments)).toArray(String[]::new));
  }

  /** Questions with an answer, an unrelated sentence, and an answer whose gold label is wrong. */
  private Path questions() throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < THINGS.size(); i++) {
      String thing = THINGS.get(i);
      String question = "Who built the %s?".formatted(thing);
      String answer = "The %s was built by Ada Lind in 1852.".formatted(thing);
      lines.add(pair(question, answer, 1));
      lines.add(pair(question, "Bread is baked with flour, water and salt.", 0));
      lines.add(pair("When was the %s built?".formatted(thing), answer, i == 0 ? 0 : 1));
    }
    return Files.write(folder.resolve("pairs.jsonl"), lines);
  }

  private static String pair(String text, String textPair, Object gold) {
    return "{\"text\":\"%s\",\"text_pair\":\"%s\",\"label\":%s}".formatted(text, textPair, gold);
  }

  private Path sentences() throws IOException {
    List<String> lines = new ArrayList<>();
    for (String who : List.of("man", "woman", "child", "dog", "cat")) {
      lines.add(pair("A %s eats.".formatted(who), "A %s eats.".formatted(who), "\"e\""));
      lines.add(pair("A %s eats.".formatted(who), "A %s sleeps.".formatted(who), "\"c\""));
      lines.add(pair("A %s eats.".formatted(who), "Nobody eats.", "\"n\""));
    }
    return Files.write(folder.resolve("nli.jsonl"), lines);
  }

  private JsonNode json() throws IOException {
    return new JsonMapper().readTree(cli.out());
  }

  @Test
  void theScoresOfTheNewBundleAreProbabilities() throws IOException {
    Path target = folder.resolve("calibrated");

    assertThat(calibrate("demo-qa", target.toString(), "--pairs=" + questions(), "--json"))
        .as(cli.err())
        .isZero();

    JsonNode report = json();
    Bundle written = Bundle.read(target);
    Calibration calibration = written.calibration().orElseThrow();
    assertThat(report.path("model").textValue()).isEqualTo("demo-qa");
    assertThat(report.path("method").textValue()).isEqualTo("platt");
    assertThat(report.path("slope").doubleValue()).isEqualTo(calibration.slope());
    assertThat(report.path("intercept").doubleValue()).isEqualTo(calibration.intercept());
    assertThat(report.path("pairs").intValue()).isEqualTo(72);
    assertThat(report.path("revision").textValue()).isEqualTo(written.digest());
    TextPair pair = new TextPair("Who built the mill?", "The mill was built by Ada Lind in 1852.");
    Score plain = score(written, pair, CrossEncoderOptions.DEFAULT.withoutCalibration());
    float logit = plain.logits().get(0);
    assertThat(score(written, pair, CrossEncoderOptions.DEFAULT).score())
        .isCloseTo(
            (float) (1 / (1 + Math.exp(-calibration.slope() * logit - calibration.intercept()))),
            within(1e-6f));
    assertThat(plain.score())
        .isCloseTo(Activation.SIGMOID.apply(new float[] {logit})[0], within(1e-6f));
    assertThat(report.path("notes"))
        .extracting(JsonNode::textValue)
        .contains(
            "72 pairs are few: with others, the calibration and the thresholds would differ. Some hundreds give a stable result.");
  }

  @Test
  void eachPairThatPassesAThresholdIsCounted() throws IOException {
    Path target = folder.resolve("calibrated");
    Path pairs = questions();

    assertThat(
            calibrate(
                "demo-qa", target.toString(), "--pairs=" + pairs, "--json", "--precisions=0.9"))
        .as(cli.err())
        .isZero();

    JsonNode threshold = json().path("thresholds").path(0);
    double from = threshold.path("from").doubleValue();
    int passing = 0;
    int right = 0;
    int positives = 0;
    try (CrossEncoder model = CrossEncoder.open(target)) {
      for (String line : Files.readAllLines(pairs)) {
        JsonNode pair = new JsonMapper().readTree(line);
        positives += pair.path("label").intValue();
        TextPair texts =
            new TextPair(pair.path("text").textValue(), pair.path("text_pair").textValue());
        // Alone and in a batch, a score is the same to the last digits.
        if (model.score(texts).score() >= from - 1e-5) {
          passing++;
          right += pair.path("label").intValue();
        }
      }
    }
    assertThat(threshold.path("precision").doubleValue()).isEqualTo(0.9);
    assertThat(threshold.path("pairs").intValue()).isEqualTo(passing);
    assertThat((double) right / passing).isGreaterThanOrEqualTo(0.9);
    assertThat(threshold.path("recall").doubleValue())
        .isCloseTo((double) right / positives, within(1e-9));
  }

  @Test
  void aModelWithSeveralLabelsGetsATemperatureAndThresholdsOfItsLabels() throws IOException {
    Path target = folder.resolve("calibrated");
    Path pictures = folder.resolve("pictures");

    assertThat(
            calibrate(
                "demo-nli",
                target.toString(),
                "--pairs=" + sentences(),
                "--label-map=e=entailment,c=contradiction,n=neutral",
                "--precisions=0.5",
                "--pictures=" + pictures))
        .as(cli.err())
        .isZero();

    assertThat(cli.out())
        .contains("demo-nli: temperature: softmax(logits / ", "fitted to 15 pairs")
        .contains("expected calibration error", "log loss")
        .contains(target + " is written, with the digest " + Bundle.read(target).digest() + ".");
    assertThat(cli.out().lines().filter(line -> line.contains(" 0.5 ")).map(String::strip))
        .hasSize(3)
        .satisfiesExactly(
            line -> assertThat(line).startsWith("contradiction"),
            line -> assertThat(line).startsWith("entailment"),
            line -> assertThat(line).startsWith("neutral"));
    assertThat(pictures.resolve("reliability.png")).isNotEmptyFile();
    assertThat(inspect(target)).contains("calibration   temperature: softmax(logits / ");
  }

  private static String inspect(Path bundle) {
    CommandLineFixture fixture = new CommandLineFixture();
    assertThat(fixture.run("inspect", bundle.toString())).isZero();
    return fixture.out();
  }

  @Test
  void theThresholdsAreReproducible() throws IOException {
    Path pairs = questions();
    List<String> reports = new ArrayList<>();
    for (String name : List.of("one", "two")) {
      String target = folder.resolve(name).toString();
      assertThat(calibrate("demo-qa", target, "--pairs=" + pairs, "--json")).isZero();
      reports.add(cli.out().replace(target, ""));
    }

    assertThat(reports.get(0)).isEqualTo(reports.get(1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|Invalid data: missing. Give labelled pairs with --pairs.",
        "--pairs x --result score|Invalid --result: a calibration is fitted to the scores of a model. Leave it out.",
        "--pairs x --task binary|Invalid --task: a calibration is fitted to the scores of a model. Leave it out.",
        "--pairs x --activation sigmoid|Invalid --activation: a calibration replaces the activation.",
        "--pairs x --evidence sentence|Invalid --evidence: a calibration needs no evidence. Leave it out.",
        "--pairs x --long-document chunk --chunk-score mean-top-3|Invalid --chunk-score: mean-top-3. Its scores are means of probabilities",
        "--pairs x --precisions 0.9,2|Invalid --precisions: 2.0. It must be above 0 and at most 1.",
        "--pairs x --precision int7|Invalid precision: int7."
      })
  void wrongOptionsAreRefusedBeforeAnythingIsRead(String options, String message) {
    List<String> arguments = new ArrayList<>(List.of("demo-qa", folder.resolve("t").toString()));
    if (!options.isEmpty()) {
      arguments.addAll(List.of(options.split(" ")));
    }

    assertThat(calibrate(arguments.toArray(String[]::new))).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(cli.err()).startsWith(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "demo-qa|1|1|Cannot calibrate with 12 pairs of gold 1 and 0 of gold 0. It takes at least 5 of each; some hundreds give a stable result.",
        "demo-qa|0.5|1|Cannot calibrate demo-qa, gold must be 0 or 1 and has other numbers.",
        "demo-qa|yes|no|Cannot compare scores of demo-qa with labels, 12 of 12 pairs have labels that are not numbers: no (6), yes (6).",
        "demo-nli|entailment|maybe|6 of 12 pairs have labels that it does not have: maybe (6)."
      })
  void pairsThatCannotBeUsedAreExplained(
      String model, String gold, String otherGold, String message) throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      lines.add(
          pair(
              "Who built tower %d?".formatted(i),
              "Tower %d was built by Ada.".formatted(i),
              "\"" + (i % 2 == 0 ? gold : otherGold) + "\""));
    }
    Path pairs = Files.write(folder.resolve("odd.jsonl"), lines);
    Path target = folder.resolve("calibrated");

    assertThat(calibrate(model, target.toString(), "--pairs=" + pairs))
        .isEqualTo(ExitCodes.FAILURE);

    assertThat(cli.err()).contains(message);
    assertThat(target).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({"demo-qa, 1, 40", "demo-qa, 4, 4", "demo-nli, 3, 6"})
  void withTooFewPairsNothingIsWritten(String model, int positives, int negatives)
      throws IOException {
    boolean labels = model.equals("demo-nli");
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < positives + negatives; i++) {
      String gold = labels ? (i < positives ? "entailment" : "neutral") : i < positives ? "1" : "0";
      lines.add(pair("Who built tower %d?".formatted(i), "Ada did.", "\"" + gold + "\""));
    }
    Path pairs = Files.write(folder.resolve("few.jsonl"), lines);
    Path target = folder.resolve("calibrated");

    assertThat(calibrate(model, target.toString(), "--pairs=" + pairs))
        .isEqualTo(ExitCodes.FAILURE);

    assertThat(cli.err())
        .startsWith("Cannot calibrate with %d pairs".formatted(labels ? 9 : positives));
    assertThat(target).doesNotExist();
  }

  @Test
  void aBundleIsNeverOverwritten() throws IOException {
    assertThat(calibrate("demo-qa", folder.toString(), "--pairs=" + questions()))
        .isEqualTo(ExitCodes.FAILURE);
    assertThat(cli.err())
        .isEqualTo(
            "Cannot write %s, it exists: a bundle is never overwritten, remove it first.%n"
                .formatted(folder));
  }

  private static Score score(Bundle bundle, TextPair pair, CrossEncoderOptions options) {
    try (CrossEncoder model = CrossEncoder.open(bundle, options)) {
      return model.score(pair);
    }
  }
}
