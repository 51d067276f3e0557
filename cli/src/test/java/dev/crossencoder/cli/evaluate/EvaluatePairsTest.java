package dev.crossencoder.cli.evaluate;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.cli.command.ExitCodes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class EvaluatePairsTest extends EvaluationFixture {
  @Test
  void labelsAreComparedWithThoseOfAModel() throws IOException {
    Path pairs =
        write(
            "pairs.tsv",
            """
            premise\thypothesis\tlabel
            A man sleeps on a bench.\tA man is asleep.\t0
            A man sleeps on a bench.\tA man is awake.\t2
            A dog runs.\tAn animal moves.\t0
            A dog runs.\tA dog is at home.\t-1
            """);

    assertThat(
            evaluate(
                "demo-nli",
                "--pairs=" + pairs,
                "--label-map=0=Entailment,2=contradiction,-1=",
                "--json"))
        .as(cli.err())
        .isZero();
    JsonNode report = json();
    assertThat(report.path("task").textValue()).isEqualTo("classification");
    assertThat(report.path("pairs").intValue()).isEqualTo(3);
    assertThat(report.path("labels"))
        .extracting(JsonNode::textValue)
        .contains("contradiction", "entailment");
    int correct = 0;
    int all = 0;
    for (int i = 0; i < report.path("labels").size(); i++) {
      correct += report.path("confusion").path(i).path(i).intValue();
      for (JsonNode count : report.path("confusion").path(i)) {
        all += count.intValue();
      }
    }
    assertThat(all).isEqualTo(3);
    assertThat(report.path("figures").path("accuracy").path("value").doubleValue())
        .isCloseTo(correct / 3.0, within(1e-9));
    assertThat(report.path("notes").path(0).textValue())
        .isEqualTo("1 of 4 pairs are left out by --label-map.");

    assertThat(evaluate("demo-nli", "--pairs=" + pairs)).isEqualTo(ExitCodes.FAILURE);
    assertThat(cli.err())
        .isEqualToIgnoringNewLines(
            "Cannot evaluate demo-nli, 4 of 4 pairs have labels that it does not have: -1 (1), 0 (2), 2 (1). Its labels are contradiction, entailment, neutral. Map labels with --label-map, such as 0=LABEL.");
  }

  @Test
  void theDistributionOfTheScoresIsWritten() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 120; i++) {
      lines.append(
          "{\"query\":\"Who built house %d?\",\"passage\":\"%s\",\"label\":%d}%n"
              .formatted(
                  i, i % 2 == 0 ? "House %d was built by Ada.".formatted(i) : "Bread.", i % 2));
    }
    Path pairs = write("many.jsonl", lines.toString());
    Path reference = folder.resolve("drift.yaml");

    assertThat(evaluate("demo-qa", "--pairs=" + pairs, "--drift-reference=" + reference))
        .as(cli.err())
        .isZero();

    assertThat(Files.readString(reference))
        .matches("cross-encoder\\.drift\\.reference: \"[-0-9.,E]+\\|[0-9.,]+\"\\R");
    assertThat(cli.err()).contains("Wrote " + reference + ".");
    Path few = write("few.jsonl", lines.toString().lines().limit(9).collect(joining("\n")));
    assertThat(evaluate("demo-qa", "--pairs=" + few, "--drift-reference=" + reference))
        .isEqualTo(ExitCodes.FAILURE);
    assertThat(cli.err()).contains("a distribution needs at least 100 scores of one model");
  }

  @Test
  void scoresAreComparedWithGold() throws IOException {
    String lines =
        """
        {"query":"Who built it?","passage":"It was built by Ada Lind.","label":GOOD}
        {"query":"Who built it?","passage":"Bread is baked with flour.","label":BAD}
        {"query":"When does it leave?","passage":"It leaves at nine.","label":GOOD}
        {"query":"When does it leave?","passage":"The sea is blue.","label":BAD}
        """;
    Path binary = write("binary.jsonl", lines.replace("GOOD", "1").replace("BAD", "0"));
    Path graded = write("graded.jsonl", lines.replace("GOOD", "4.5").replace("BAD", "1"));
    Path single = write("single.jsonl", lines.replace("GOOD", "1").replace("BAD", "1"));

    assertThat(evaluate("demo-qa", "--pairs=" + binary, "--json")).as(cli.err()).isZero();
    JsonNode figures = json().path("figures");
    assertThat(json().path("task").textValue()).isEqualTo("binary");
    assertThat(figures.path("average-precision").path("value").doubleValue()).isEqualTo(1);
    assertThat(figures.path("best-f1").path("value").doubleValue()).isEqualTo(1);
    assertThat(figures.path("best-f1").path("threshold").doubleValue()).isBetween(0.0, 1.0);
    assertThat(figures.has("accuracy")).isTrue();

    assertThat(evaluate("demo-qa", "--pairs=" + binary, "--pictures=" + folder.resolve("p")))
        .isZero();
    assertThat(folder.resolve("p/reliability.png")).isNotEmptyFile();
    assertThat(cli.err()).contains("Drew " + folder.resolve("p/scores.png") + ".");

    assertThat(evaluate("demo-qa", "--pairs=" + graded, "--json")).as(cli.err()).isZero();
    assertThat(json().path("task").textValue()).isEqualTo("similarity");
    assertThat(json().path("figures").path("pearson").path("value").doubleValue())
        .isBetween(0.5, 1.0);

    assertThat(evaluate("demo-qa", "--pairs=" + single)).isEqualTo(ExitCodes.FAILURE);
    assertThat(cli.err()).startsWith("Cannot evaluate, all 4 pairs are positive.");
  }

  @Test
  void recordedResultsAreEvaluatedWithoutAModel() throws IOException {
    Path scored =
        write(
            "scored.jsonl",
            """
            {"gold":"a","cross_encoder":{"label":"a","score":0.9}}
            {"gold":"b","cross_encoder":{"label":"a","score":0.2}}
            """);

    assertThat(
            evaluate(
                "--pairs=" + scored, "--gold=/gold", "--result=/cross_encoder/label", "--json"))
        .as(cli.err())
        .isZero();
    assertThat(json().path("figures").path("accuracy").path("value").doubleValue()).isEqualTo(0.5);

    assertThat(
            evaluate(
                "--pairs=" + scored,
                "--gold=/gold",
                "--result=/cross_encoder/score",
                "--label-map=a=1,b=0",
                "--json"))
        .as(cli.err())
        .isZero();
    assertThat(json().path("figures").path("average-precision").path("value").doubleValue())
        .isEqualTo(1);

    assertThat(evaluate("--pairs=" + scored, "--gold=/gold", "--result=/cross_encoder/score"))
        .isEqualTo(ExitCodes.FAILURE);
    assertThat(cli.err())
        .startsWith(
            "Cannot compare scores of the results with labels, 2 of 2 pairs have labels that are not numbers: a (1), b (1).");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          1,0.9;0,nan;1,0.4;0,0.1             | Cannot evaluate, 1 of 4 scores are NaN or infinite.
          1,0.9;0,-Infinity;1,0.4;0,INF       | Cannot evaluate, 2 of 4 scores are NaN or infinite.
          1,0.9;0,N/A;1,0.4;0,?               | Cannot evaluate, 2 of 4 results are not numbers; the first is N/A. Correct them, or add --task classification if results are labels.
          1,0.9;0,1d;1,0x1p3                  | Cannot evaluate, 2 of 3 results are not numbers; the first is 1d.
          1,0.9;0,                            | Cannot read FILE, 1 pairs are not complete; the first is line 3. A pair has a label and a result.
          1,0.9;,0.4                          | Cannot read FILE, 1 pairs are not complete; the first is line 3.
          0,neutral;1,entailment;1,neutral    | Cannot evaluate, no result is one of the gold labels. Gold has 0 (1), 1 (2); results have entailment, neutral. Map gold with --label-map, such as 0=neutral.
          a,b;a,a                             | Cannot evaluate, all 2 pairs have the gold label a. Accuracy and macro F1 need pairs of several labels.
          """)
  void recordedResultsThatWouldGiveAWrongFigureAreRefused(String rows, String message)
      throws IOException {
    Path file = write("recorded.csv", "gold,result\n" + rows.replace(';', '\n') + "\n");

    assertThat(evaluate("--pairs=" + file, "--gold=gold", "--result=result"))
        .isEqualTo(ExitCodes.FAILURE);
    assertThat(cli.err()).startsWith(message.replace("FILE", file.toString()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          0,0;1,2;2,2;1,1   |                       | similarity     | All results are whole numbers and were taken as scores. Add --task classification if they are labels.
          0,0;1,2;2,2;1,1   | --task=classification | classification |
          1,0.9;0,0.2;1,0.7 | --task=similarity     | similarity     |
          -1,0.2;1,0.9      |                       | similarity     | Gold has only the values -1 and 1 and was taken as a similarity. Map them to 0 and 1 with --label-map for a binary classification.
          -1,0.2;1,0.9      | --label-map=-1=0      | binary         |
          1d,2d;2d,2d       |                       | classification | 1 of 2 pairs have gold labels that are the result of no pair: 1d (1).
          """)
  void theTaskFollowsFromTheDataOrIsChosen(String rows, String option, String task, String note)
      throws IOException {
    Path file = write("recorded.csv", "gold,result\n" + rows.replace(';', '\n') + "\n");
    List<String> arguments =
        new ArrayList<>(List.of("--pairs=" + file, "--gold=gold", "--result=result", "--json"));
    if (option != null) {
      arguments.add(option);
    }

    assertThat(evaluate(arguments.toArray(String[]::new))).as(cli.err()).isZero();
    assertThat(json().path("task").textValue()).isEqualTo(task);
    assertThat(json().path("notes"))
        .extracting(JsonNode::textValue)
        .isEqualTo(note == null ? List.of() : List.of(note));
  }

  @Test
  void theTaskMustFitGoldAndModel() throws IOException {
    Path graded = write("graded.csv", "text,text_pair,label\na,b,0.5\nc,d,1\n");

    assertThat(evaluate("demo-qa", "--pairs=" + graded, "--task=binary"))
        .isEqualTo(ExitCodes.FAILURE);
    assertThat(cli.err())
        .startsWith(
            "Cannot compare scores of demo-qa with labels, 1 of 2 pairs have labels that are not 0 or 1: 0.5 (1).");
    assertThat(evaluate("demo-qa", "--pairs=" + graded, "--task=classification"))
        .isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(cli.err())
        .startsWith(
            "Invalid --task: classification. demo-qa has one label, so that its scores are compared, not its labels.");
    assertThat(evaluate("demo-nli", "--pairs=" + graded, "--task=similarity"))
        .isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(cli.err())
        .startsWith(
            "Invalid --task: similarity. demo-nli has 3 labels, which make a classification.");
  }

  @Test
  void goldOfOneLabelIsRefusedForAModelToo() throws IOException {
    Path pairs =
        write("one.csv", "text,text_pair,label\nA man sleeps.,A man is awake.,contradiction\n");

    assertThat(evaluate("demo-nli", "--pairs=" + pairs)).isEqualTo(ExitCodes.FAILURE);
    assertThat(cli.err())
        .startsWith("Cannot evaluate, all 1 pairs have the gold label contradiction.");
  }

  @Test
  void labelsDoNotBreakTheMarkdown() throws IOException {
    Path file = write("recorded.csv", "gold,result\n\"a|b\",\"a|b\"\n<x>,`y`\n<x>,\"a|b\"\n");
    Path markdown = folder.resolve("labels.md");

    assertThat(
            evaluate("--pairs=" + file, "--gold=gold", "--result=result", "--markdown=" + markdown))
        .as(cli.err())
        .isZero();
    assertThat(markdown)
        .content()
        .contains("| gold | &lt;x> | \\`y\\` | a\\|b |")
        .contains("2 of 3 pairs have gold labels that are the result of no pair: &lt;x> (2).");
  }

  @Test
  void aLabelWithALineBreakStaysInItsRow() throws IOException {
    Path file = write("recorded.csv", "gold,result\n\"a\nb\",\"a\nb\"\nc,c\n");

    assertThat(evaluate("--pairs=" + file, "--gold=gold", "--result=result"))
        .as(cli.err())
        .isZero();
    assertThat(cli.out().lines().map(line -> line.strip().replaceAll(" +", " ")).toList())
        .containsSubsequence("gold a b c", "a b 1 0", "c 0 1");
  }
}
