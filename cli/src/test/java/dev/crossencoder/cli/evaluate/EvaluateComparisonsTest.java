package dev.crossencoder.cli.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.cli.command.ExitCodes;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class EvaluateComparisonsTest extends EvaluationFixture {
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
}
