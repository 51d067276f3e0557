package dev.crossencoder.cli.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.crossencoder.cli.CommandLineFixture;
import dev.crossencoder.cli.command.ExitCodes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

@Timeout(180)
class EvaluateCommandTest {
  @TempDir private Path folder;
  private CommandLineFixture cli = new CommandLineFixture();

  /** For both queries the search found the answer last. */
  @BeforeEach
  void writeCollection() throws IOException {
    write("topics.tsv", "1\tWho built the lighthouse?\n2\tWhen does the ferry leave?\n");
    write(
        "corpus.jsonl",
        """
        {"_id":"a","text":"The lighthouse was built by Ada Lind in 1852."}
        {"_id":"b","text":"Bread is baked with flour, water and salt."}
        {"_id":"c","text":"The ferry leaves at nine in the morning."}
        """);
    write(
        "run.trec",
        """
        1 Q0 b 1 3 search
        1 Q0 c 2 2 search
        1 Q0 a 3 1 search
        2 Q0 b 1 3 search
        2 Q0 c 2 2 search
        """);
    write("qrels.txt", "1 0 a 1\n1 0 b 0\n2 0 c 2\n");
  }

  private Path write(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  private String file(String name) {
    return folder.resolve(name).toString();
  }

  private int evaluate(String... arguments) {
    cli = new CommandLineFixture();
    return cli.run(
        Stream.concat(Stream.of("evaluate"), Stream.of(arguments)).toArray(String[]::new));
  }

  private int rerank(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "demo-qa",
                "--topics=" + file("topics.tsv"),
                "--corpus=" + file("corpus.jsonl"),
                "--run=" + file("run.trec"),
                "--qrels=" + file("qrels.txt")));
    arguments.addAll(List.of(more));
    return evaluate(arguments.toArray(String[]::new));
  }

  private JsonNode json() throws IOException {
    return new JsonMapper().readTree(cli.out());
  }

  @Test
  void aRunIsRerankedAndItsFiguresBeforeAndAfterAreShown() throws IOException {
    assertThat(rerank("--json", "--figures=mrr@10,ndcg@1")).as(cli.err()).isZero();

    JsonNode report = json();
    assertThat(report.path("task").textValue()).isEqualTo("ranking");
    assertThat(report.path("model").textValue()).isEqualTo("demo-qa");
    assertThat(report.path("revision").textValue()).startsWith("sha256:");
    assertThat(report.path("queries").intValue()).isEqualTo(2);
    assertThat(report.path("documents").intValue()).isEqualTo(5);
    JsonNode mrr = report.path("figures").path("mrr@10");
    assertThat(mrr.path("before").doubleValue()).isCloseTo((1 / 3.0 + 1 / 2.0) / 2, within(1e-9));
    assertThat(mrr.path("value").doubleValue()).isEqualTo(1);
    assertThat(report.path("figures").path("ndcg@1").path("before").doubleValue()).isZero();
    assertThat(report.path("figures").path("ndcg@1").path("value").doubleValue()).isEqualTo(1);
    assertThat(report.path("notes"))
        .extracting(JsonNode::textValue)
        .containsExactly("2 of 5 documents of the run are not judged and count as not relevant.");
  }

  @Test
  void theTableAndTheMarkdownHaveTheSameFigures() throws IOException {
    Path markdown = folder.resolve("report.md");

    assertThat(rerank("--figures=mrr@10", "--markdown=" + markdown)).as(cli.err()).isZero();

    assertThat(cli.out().lines().map(line -> line.strip().replaceAll(" +", " ")).toList())
        .containsExactly(
            "ranking of demo-qa: 2 queries, 5 documents, 3 judgements",
            "figure before after change",
            "mrr@10 0.4167 1.0000 +0.5833",
            "2 of 5 documents of the run are not judged and count as not relevant.");
    assertThat(markdown)
        .hasContent(
            """
            ranking of demo-qa: 2 queries, 5 documents, 3 judgements

            | figure | before | after | change |
            |---|---:|---:|---:|
            | mrr@10 | 0.4167 | 1.0000 | +0.5833 |

            - 2 of 5 documents of the run are not judged and count as not relevant.
            """);
  }

  @Test
  void aRunIsEvaluatedWithoutAModel() throws IOException {
    write("qrels.txt", "1 0 a 1\n3 0 x 1\n4 0 x 0\n");
    String[] arguments = {
      "--run=" + file("run.trec"), "--qrels=" + file("qrels.txt"), "--figures=mrr", "--json"
    };

    assertThat(evaluate(arguments)).as(cli.err()).isZero();
    assertThat(json().path("figures").path("mrr").path("value").doubleValue())
        .isCloseTo(1 / 9.0, within(1e-9));
    assertThat(json().path("figures").path("mrr").has("before")).isFalse();
    assertThat(json().path("notes"))
        .extracting(JsonNode::textValue)
        .containsExactly(
            "2 of 3 judged queries are not in the run; their figures count as 0.",
            "1 of 2 queries of the run have no judgements and are left out.",
            "1 of 3 queries have no relevant document; their figures count as 0.",
            "2 of 5 documents of the run are not judged and count as not relevant.");

    assertThat(
            evaluate(
                Stream.concat(Stream.of(arguments), Stream.of("--missing-queries=left-out"))
                    .toArray(String[]::new)))
        .isZero();
    assertThat(json().path("figures").path("mrr").path("value").doubleValue())
        .isCloseTo(1 / 3.0, within(1e-9));
    assertThat(json().path("notes").path(0).textValue())
        .isEqualTo("2 of 3 judged queries are not in the run; they are left out.");
  }

  @Test
  void missingDocumentsAreCounted() throws IOException {
    write("corpus.jsonl", "{\"_id\":\"a\",\"text\":\"x\"}\n");

    assertThat(rerank()).isEqualTo(ExitCodes.FAILURE);
    assertThat(cli.err())
        .isEqualToIgnoringNewLines(
            "Cannot rerank, 2 of 3 documents are not in the corpus; the first is b. Add them, or remove them from the run.");
  }

  @Test
  void samplesOfSentenceTransformersAreRead() throws IOException {
    Path samples =
        write(
            "samples.jsonl",
            """
            {"query":"Who built the lighthouse?","positive":"The lighthouse was built by Ada Lind in 1852.","negative":["Bread is baked with flour.","Ships sail."]}
            """);

    assertThat(evaluate("demo-qa", "--samples=" + samples, "--json")).as(cli.err()).isZero();
    assertThat(json().path("figures").path("mrr@10").path("value").doubleValue()).isEqualTo(1);
    assertThat(json().path("figures").path("mrr@10").has("before")).isFalse();

    assertThat(evaluate("--samples=" + samples)).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(cli.err())
        .startsWith("Invalid MODEL: missing. These samples have no order without a model.");
  }

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
            "Cannot evaluate, 4 of 4 pairs have labels that the model does not have: -1 (1), 0 (2), 2 (1). Its labels are contradiction, entailment, neutral. Map labels with --label-map, such as 0=LABEL.");
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
            "Cannot compare scores with labels, 2 of 2 pairs have labels that are not numbers: a (1), b (1).");
  }

  @Test
  void aFigureBelowItsLimitHasAnExitCodeOfItsOwn() {
    assertThat(rerank("--fail-below=mrr@10=0.99")).isZero();
    assertThat(rerank("--fail-below=mrr@10=0.5", "--fail-below=recall@10=1.5"))
        .isEqualTo(ExitCodes.BELOW_LIMIT)
        .isEqualTo(3);
    assertThat(cli.err()).isEqualToIgnoringNewLines("recall@10 is 1.0000, below 1.5.");
    assertThat(rerank("--fail-below=accuracy=0.5")).isEqualTo(ExitCodes.FAILURE);
    assertThat(cli.err())
        .isEqualToIgnoringNewLines(
            "Invalid --fail-below: accuracy. The figures are ndcg@10, mrr@10, map, recall@10.");
  }

  @Test
  void twoSystemsAreComparedOnTheSameQueries() throws IOException {
    assertThat(rerank("--compare=demo-qa", "--json", "--resamples=200")).as(cli.err()).isZero();
    JsonNode same = json().path("figures").path("mrr@10");
    assertThat(same.path("difference").doubleValue()).isZero();
    assertThat(same.path("p_value").doubleValue()).isEqualTo(1);
    assertThat(json().path("notes"))
        .extracting(JsonNode::textValue)
        .contains(
            "The first document is the same for 2 of 2 queries.",
            "Paired bootstrap: 200 resamples, seed 42.");

    // With five tokens, two of them are of the texts.
    assertThat(rerank("--compare=max-length=5", "--json", "--resamples=200"))
        .as(cli.err())
        .isZero();
    JsonNode shorter = json().path("figures").path("mrr@10");
    assertThat(json().path("compared_with").path("options").textValue()).isEqualTo("max-length=5");
    assertThat(shorter.path("difference").doubleValue())
        .isCloseTo(
            shorter.path("compared").doubleValue() - shorter.path("value").doubleValue(),
            within(1e-9));
    assertThat(shorter.path("low").doubleValue())
        .isLessThanOrEqualTo(shorter.path("high").doubleValue());

    assertThat(rerank("--compare=precision=fp4")).isEqualTo(ExitCodes.FAILURE);
    assertThat(cli.err()).contains("fp4");
    assertThat(rerank("--compare=speed=high")).isEqualTo(ExitCodes.FAILURE);
    assertThat(cli.err()).startsWith("Invalid --compare: speed=high.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          demo-qa                           | Invalid data: missing. Give --run with --qrels, --beir, --samples or --pairs.
          demo-qa --run=r                   | Invalid --qrels: missing.
          demo-qa --qrels=q                 | Invalid --run: missing.
          demo-qa --run=r --qrels=q         | Invalid --topics: missing. A model needs the texts of queries and documents.
          demo-qa --run=r --qrels=q --topics=t | Invalid --corpus: missing.
          demo-qa --run=r --beir=b --qrels=q | Invalid --beir: it contains topics, corpus and qrels.
          demo-qa --samples=s --run=r       | Invalid --samples: it contains all that is needed.
          demo-qa --pairs=p --run=r         | Invalid --pairs: there is a test collection, too.
          --pairs=p                         | Invalid MODEL: missing.
          demo-qa --pairs=p --result=/x     | Invalid --result: it is evaluated without a model.
          --run=r --qrels=q --compare=x     | Invalid --compare: it needs a model to compare with.
          --run=r --qrels=q --missing-queries=x | Invalid --missing-queries: x. It must be zero or left-out.
          """)
  void otherArgumentsAreRefused(String arguments, String message) {
    assertThat(evaluate(arguments.split(" ", -1))).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(cli.err()).startsWith(message);
  }

  @Test
  void otherValuesAreRefused() {
    assertThat(rerank("--figures=bleu")).isEqualTo(ExitCodes.FAILURE);
    assertThat(cli.err()).startsWith("Invalid figure: bleu.");
    assertThat(rerank("--fail-below=ndcg@10")).isEqualTo(ExitCodes.FAILURE);
    assertThat(cli.err())
        .startsWith("Invalid --fail-below: ndcg@10. It must be a figure and a number");
    assertThat(rerank("--resamples=10", "--compare=demo-qa")).isEqualTo(ExitCodes.FAILURE);
    assertThat(cli.err()).startsWith("Invalid number of resamples: 10.");
  }
}
