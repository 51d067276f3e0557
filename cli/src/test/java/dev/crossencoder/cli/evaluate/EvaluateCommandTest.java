package dev.crossencoder.cli.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.crossencoder.cli.CommandLineFixture;
import dev.crossencoder.cli.command.ExitCodes;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
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
        .containsExactly(
            "2 of 5 documents of judged queries are not judged and count as not relevant.");
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
            "2 of 5 documents of judged queries are not judged and count as not relevant.");
    assertThat(markdown)
        .hasContent(
            """
            ranking of demo-qa: 2 queries, 5 documents, 3 judgements

            | figure | before | after | change |
            |---|---:|---:|---:|
            | mrr@10 | 0.4167 | 1.0000 | +0.5833 |

            - 2 of 5 documents of judged queries are not judged and count as not relevant.
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
            "2 of 3 documents of judged queries are not judged and count as not relevant.");

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

  /** As the files of Cranfield: ids of topics have gaps, and judgements number topics by place. */
  @Test
  void topicsAreNumberedByTheirPlace() throws IOException {
    write(
        "topics.tsv",
        """
        <xml>
        <top><num> 2</num><title>Who built the lighthouse?</title></top>
        <top><num> 7</num><title>When does the ferry leave?</title></top>
        </xml>
        """);
    write(
        "corpus.jsonl",
        """
        <doc><docno>a</docno><text>The lighthouse was built by Ada Lind in 1852.</text></doc>
        <doc><docno>b</docno><text>Bread is baked with flour, water & salt.</text></doc>
        <doc><docno>c</docno><text>The ferry leaves at nine in the morning.</text></doc>
        """);

    assertThat(rerank()).isEqualTo(ExitCodes.FAILURE);
    assertThat(cli.err())
        .startsWith(
            "Cannot rerank, judgements are for the queries 1 to 2, but the 2 topics have other ids, such as 7.");
    assertThat(rerank("--number-topics", "--json")).as(cli.err()).isZero();
    assertThat(json().path("figures").path("mrr@10").path("value").doubleValue()).isEqualTo(1);

    write("run.trec", "2 Q0 b 1 3 x\n7 Q0 b 1 3 x\n");
    assertThat(rerank("--number-topics")).isEqualTo(ExitCodes.FAILURE);
    assertThat(cli.err())
        .startsWith(
            "Cannot rerank, 1 of 2 queries of the run are not numbers from 1 to 2, which --number-topics gives to topics; the first is 7.");
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
            "Cannot evaluate demo-nli, 4 of 4 pairs have labels that it does not have: -1 (1), 0 (2), 2 (1). Its labels are contradiction, entailment, neutral. Map labels with --label-map, such as 0=LABEL.");
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

  @Test
  void aFigureBelowItsLimitHasAnExitCodeOfItsOwn() {
    assertThat(rerank("--fail-below=mrr@10=0.99")).isZero();
    assertThat(rerank("--fail-below=mrr@10=0.5", "--fail-below=recall@10=1.5"))
        .isEqualTo(ExitCodes.BELOW_LIMIT)
        .isEqualTo(3);
    assertThat(cli.err()).isEqualToIgnoringNewLines("recall@10 is 1.0000, below 1.5.");
  }

  @Test
  void twoSystemsAreComparedOnTheSameQueries() throws IOException {
    writeQueries(6);

    assertThat(rerank("--compare=demo-qa", "--json", "--resamples=200")).as(cli.err()).isZero();
    JsonNode same = json().path("figures").path("mrr@10");
    assertThat(same.path("difference").doubleValue()).isZero();
    assertThat(same.path("p_value").doubleValue()).isEqualTo(1);
    assertThat(json().path("notes"))
        .extracting(JsonNode::textValue)
        .contains(
            "The first document is the same for 6 of 6 queries.",
            "Paired bootstrap: 200 resamples, seed 42.",
            "There are only 6 queries or pairs. Below 30, the intervals are too narrow and the p-values too small.");

    // With five tokens, two of them are of the texts.
    assertThat(
            rerank(
                "--compare=max-length=5",
                "--json",
                "--resamples=200",
                "--pictures=" + folder.resolve("p")))
        .as(cli.err())
        .isZero();
    assertThat(folder.resolve("p/comparison.png")).isNotEmptyFile();
    assertThat(cli.err()).contains("Drew " + folder.resolve("p/comparison.png") + ".");
    JsonNode shorter = json().path("figures").path("mrr@10");
    assertThat(json().path("compared_with").path("options").textValue()).isEqualTo("max-length=5");
    assertThat(shorter.path("difference").doubleValue())
        .isCloseTo(
            shorter.path("compared").doubleValue() - shorter.path("value").doubleValue(),
            within(1e-9));
    assertThat(shorter.path("low").doubleValue())
        .isLessThanOrEqualTo(shorter.path("high").doubleValue());
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
          --run=r --qrels=q --precision=int8 | Invalid --precision: it needs a model.
          demo-qa --pairs=p --figures=map   | Invalid --figures: it needs a test collection: --run, --beir or --samples.
          --run=r --qrels=q --number-topics | Invalid --number-topics: it needs --topics.
          demo-qa --pairs=p --topics=t      | Invalid --topics: it needs a test collection
          --pairs=p --result=/x --text=/a   | Invalid --text: texts are not read with --result.
          demo-qa --pairs=p --text=a        | Invalid place of a text: a.
          """)
  void otherArgumentsAreRefused(String arguments, String message) {
    assertThat(evaluate(arguments.split(" ", -1))).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(cli.err()).startsWith(message);
  }

  /** Before any file is read: those of rerank are there, those of the others are not. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --figures=bleu                           | Invalid figure: bleu.
          --relevance-level=0                      | Invalid relevance level: 0.
          --fail-below=ndcg@10                     | Invalid --fail-below: ndcg@10. It must be a figure and a number
          --fail-below=accuracy=0.5                | Invalid --fail-below: accuracy. The figures are ndcg@10, mrr@10, map, recall@10.
          --resamples=10 --compare=demo-qa         | Invalid number of resamples: 10.
          --compare=precision=fp4                  | Invalid --compare: precision=fp4. Invalid precision: fp4.
          --compare=speed=high                     | Invalid --compare: speed=high.
          --device=gpu                             | Invalid --device: gpu.
          --truncation=x                           | Invalid
          --markdown=/nowhere/at/all.md            | Invalid --markdown: /nowhere/at/all.md. Its folder does not exist.
          --split=dev                              | Invalid --split: it needs --beir.
          --gold=/x                                | Invalid --gold: it needs --pairs.
          --label-map=1=2                          | Invalid --label-map: it needs --pairs.
          --task=binary                            | Invalid --task: it needs --pairs.
          --evidence=sentence                      | Invalid --evidence: figures have no evidence.
          --seed=7                                 | Invalid --seed: it needs --compare.
          """)
  void otherValuesAndOptionsWithoutAnEffectAreRefused(String arguments, String message) {
    assertThat(rerank(arguments.split(" ", -1))).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(cli.err()).startsWith(message);
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
  void tiesAreCounted() throws IOException {
    write("run.trec", "1 Q0 b 1 3 x\n1 Q0 c 2 3 x\n1 Q0 a 3 1 x\n2 Q0 b 1 3 x\n2 Q0 c 2 2 x\n");

    assertThat(evaluate("--run=" + file("run.trec"), "--qrels=" + file("qrels.txt"), "--json"))
        .as(cli.err())
        .isZero();
    assertThat(json().path("notes"))
        .extracting(JsonNode::textValue)
        .contains(
            "2 of 5 documents share their score with another one of the same query; ties are ordered by id.");
  }

  @Test
  void aHigherRelevanceLevelDoesNotMakeNdcgZero() throws IOException {
    write("qrels.txt", "1 0 a 1\n2 0 c 2\n");

    assertThat(
            evaluate(
                "--run=" + file("run.trec"),
                "--qrels=" + file("qrels.txt"),
                "--relevance-level=2",
                "--json"))
        .as(cli.err())
        .isZero();
    assertThat(json().path("notes"))
        .extracting(JsonNode::textValue)
        .contains(
            "1 of 2 queries have no document of grade 2 or more; their figures count as 0, except ndcg and ndcg-exp.");
  }

  @Test
  void aComparisonIsCheckedBeforeAnythingIsScored() throws IOException {
    assertThat(rerank("--compare=demo-qa")).isEqualTo(ExitCodes.FAILURE);
    assertThat(cli.err())
        .startsWith(
            "Cannot compare, there are only 2 queries or pairs. A bootstrap needs at least 5");

    writeQueries(6);
    assertThat(rerank("--compare=demo-nli")).isEqualTo(ExitCodes.FAILURE);
    assertThat(cli.err()).startsWith("Cannot rank with demo-nli, it has 3 labels:");
    assertThat(rerank("--compare=not/here-at-all")).isEqualTo(ExitCodes.FAILURE);
    assertThat(cli.err()).contains("not/here-at-all");
  }

  @Test
  void aSampleWithoutDocumentsIsCompared() throws IOException {
    String sample =
        "{\"query\":\"Who built it?\",\"positive\":\"Ada built it.\",\"documents\":[%s]}\n";
    Path samples =
        write(
            "samples.jsonl",
            sample.formatted("\"Ada built it.\",\"Bread.\"").repeat(5) + sample.formatted(""));

    assertThat(
            evaluate(
                "demo-qa",
                "--samples=" + samples,
                "--compare=max-length=16",
                "--resamples=100",
                "--json"))
        .as(cli.err())
        .isZero();
    assertThat(json().path("notes"))
        .extracting(JsonNode::textValue)
        .contains("The first document is the same for 5 of 5 queries.");
  }

  @Test
  void aFigureOfOneSystemOnlyIsNamed() throws IOException {
    Path pairs =
        write(
            "binary.jsonl",
            """
            {"query":"Who built it?","passage":"It was built by Ada Lind.","label":1}
            {"query":"Who built it?","passage":"Bread is baked with flour.","label":0}
            """
                .repeat(3));

    assertThat(
            evaluate(
                "demo-qa",
                "--pairs=" + pairs,
                "--compare=activation=identity",
                "--resamples=100",
                "--json"))
        .as(cli.err())
        .isZero();
    assertThat(json().path("figures").has("accuracy")).isFalse();
    assertThat(json().path("notes"))
        .extracting(JsonNode::textValue)
        .contains("There is no accuracy with B: the scores are not all from 0 to 1.");
  }

  @Test
  void aCompressedFileOfRankLlmHasItsTexts() throws IOException {
    Path hits = folder.resolve("hits.json.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(hits))) {
      out.write(
          "[{\"query\":\"Who?\",\"hits\":[{\"content\":\"x\",\"qid\":1,\"docid\":\"a\",\"rank\":1,\"score\":2.5}]}]"
              .getBytes(StandardCharsets.UTF_8));
    }

    assertThat(evaluate("--run=" + hits, "--qrels=" + file("qrels.txt"), "--json"))
        .as(cli.err())
        .isZero();
    assertThat(json().path("documents").intValue()).isEqualTo(1);
  }

  @Test
  void theTextsOfARunOfRankLlmAreReplacedByThoseOfTheCorpus() throws IOException {
    write(
        "run.jsonl",
        """
        {"query":{"text":"Who built the lighthouse?","qid":1},"candidates":[{"docid":"b","score":2,"doc":{"text":"Bread."}},{"docid":"a","score":1,"doc":{"text":"A ship."}},{"docid":"z","score":0.5,"doc":{"text":"The sea."}}]}
        """);
    String[] arguments = {
      "demo-qa",
      "--run=" + file("run.jsonl"),
      "--qrels=" + file("qrels.txt"),
      "--corpus=" + file("corpus.jsonl"),
      "--json"
    };

    assertThat(evaluate(arguments)).as(cli.err()).isZero();
    assertThat(json().path("notes").path(0).textValue())
        .isEqualTo(
            "0 of 1 queries and 2 of 3 documents have the texts of the topics and the corpus; the others have those of the run.");
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

  @Test
  void theSystemThatCannotScoreAPairIsNamed() throws IOException {
    Path pairs =
        write(
            "long.csv",
            "text,text_pair,label\n"
                + "Who built the lighthouse that stands on the cliff above the old harbour?,Ada,1\n"
                    .repeat(5)
                + "Who?,Bread,0\n");

    assertThat(
            evaluate(
                "demo-qa",
                "--pairs=" + pairs,
                "--compare=max-length=12,truncation=only_second",
                "--resamples=100"))
        .isEqualTo(ExitCodes.FAILURE);
    assertThat(cli.err())
        .startsWith(
            "Cannot evaluate demo-qa, max-length=12,truncation=only_second, 5 of 6 pairs have no score; the first is pair 1:");
  }

  /** For each query, the search found the answer last. */
  private void writeQueries(int number) throws IOException {
    StringBuilder topics = new StringBuilder();
    StringBuilder run = new StringBuilder();
    StringBuilder qrels = new StringBuilder();
    for (int i = 1; i <= number; i++) {
      topics.append(i).append("\tWho built the lighthouse?\n");
      run.append(i).append(" Q0 b 1 2 x\n").append(i).append(" Q0 a 2 1 x\n");
      qrels.append(i).append(" 0 a 1\n");
    }
    write("topics.tsv", topics.toString());
    write("run.trec", run.toString());
    write("qrels.txt", qrels.toString());
  }
}
