package dev.crossencoder.cli.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.cli.command.ExitCodes;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class EvaluateRankingsTest extends EvaluationFixture {
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

  /** The best document of the first model stays the first one, whatever the main model says. */
  @Test
  void aCascadeThatKeepsOneDocumentOrdersAsItsFirstModelAndOneThatKeepsAllAsItsMainModel()
      throws IOException {
    assertThat(rerank("--json", "--cascade-model=demo-rank", "--cascade-keep=1")).isZero();
    JsonNode one = json();
    assertThat(rerank("--json", "--cascade-model=demo-rank")).isZero();
    JsonNode all = json();
    assertThat(rerank("--json")).isZero();
    JsonNode main = json();
    assertThat(
            evaluate(
                "demo-rank",
                "--topics=" + file("topics.tsv"),
                "--corpus=" + file("corpus.jsonl"),
                "--run=" + file("run.trec"),
                "--qrels=" + file("qrels.txt"),
                "--json"))
        .isZero();
    JsonNode first = json();

    assertThat(one.path("model").textValue()).isEqualTo("demo-qa");
    assertThat(one.path("figures")).isEqualTo(first.path("figures"));
    assertThat(all.path("figures")).isEqualTo(main.path("figures"));
    assertThat(rerank("--cascade-model=demo-rank", "--cascade-keep=1")).isZero();
    assertThat(cli.out()).startsWith("ranking of demo-qa, the best 1 of demo-rank: 2 queries");
  }

  @Test
  void aCascadeNeedsATestCollection() {
    assertThat(evaluate("demo-qa", "--pairs=pairs.jsonl", "--cascade-model=demo-rank"))
        .isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(cli.err())
        .contains(
            "Invalid --cascade-model: it needs a model and a test collection: --run, --beir or --samples.");
    assertThat(rerank("--cascade-keep=5")).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(cli.err()).contains("Invalid --cascade-keep: it needs --cascade-model.");
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
}
