package dev.crossencoder.evaluation.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.crossencoder.evaluation.InvalidDataException;
import dev.crossencoder.evaluation.ranking.Qrels;
import dev.crossencoder.evaluation.ranking.RankingEvaluation;
import dev.crossencoder.evaluation.ranking.RankingFigure;
import dev.crossencoder.evaluation.ranking.RankingOptions;
import dev.crossencoder.model.TextPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RankingSamplesTest {
  private static final RankingFigure MRR = RankingFigure.parse("mrr@10");
  private static final RankingFigure RECALL = RankingFigure.parse("recall@10");

  @TempDir private Path folder;

  @Test
  void documentsAreInTheOrderOfASearch() throws IOException {
    RankingData data =
        read("{\"query\":\"q\",\"positive\":[\"b\",\"z\"],\"documents\":[\"a\",\"b\",\"a\"]}");

    assertThat(data.ranked()).isTrue();
    assertThat(Reranking.of(data).pairs())
        .containsExactly(new TextPair("q", "a"), new TextPair("q", "b"));
    RankingEvaluation evaluation =
        new RankingEvaluation(data.qrels(), List.of(MRR, RECALL), RankingOptions.DEFAULT);
    assertThat(evaluation.evaluate(data.run()).mean(MRR)).isEqualTo(0.5);
    // The positive z was not found.
    assertThat(evaluation.evaluate(data.run()).mean(RECALL)).isEqualTo(0.5);
    Reranking reranking = Reranking.of(data);
    assertThat(evaluation.evaluate(reranking.run(List.of(0.1f, 0.2f))).mean(MRR)).isEqualTo(1);
  }

  @Test
  void negativesComeFirstIfAllScoresAreEqual() throws IOException {
    RankingData data =
        read(
            "[{\"query\":\"q\",\"positive\":\"a\",\"negative\":[\"b\",\"c\"]},{\"query\":\"r\",\"positive\":[\"d\"],\"negative\":\"e\"}]");

    assertThat(data.ranked()).isFalse();
    Reranking reranking = Reranking.of(data);
    assertThat(reranking.pairs()).hasSize(5).contains(new TextPair("r", "e"));
    RankingEvaluation evaluation =
        new RankingEvaluation(data.qrels(), List.of(MRR), RankingOptions.DEFAULT);
    assertThat(evaluation.evaluate(reranking.run(List.of(1f, 1f, 1f, 1f, 1f))).mean(MRR))
        .isCloseTo((1 / 3.0 + 1 / 2.0) / 2, within(1e-12));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {"query":"q","positive":"a"}              | 1 samples do not have query, positive, and either negative or documents; the first is sample 1.
          {"query":"q","positive":1,"negative":"b"} | 1 samples do not have query, positive, and either negative or documents; the first is sample 1.
          {"query":"q","positive":"a","negative":"b"}{"query":"q","positive":"a","documents":["a"]} | 1 samples have documents where others have negative, or the reverse; the first is sample 2.
          {"query":"q","positive":["a","c"],"negative":["b","a"]} | 1 samples have a text that is positive and negative; the first is sample 1. Remove it from one of them.
          []                                        | it contains no sample.
          """)
  void otherSamplesAreRefused(String content, String message) {
    assertThatThrownBy(() -> read(content))
        .isInstanceOf(InvalidDataException.class)
        .hasMessageContaining(message);
  }

  @Test
  void candidatesOfMsMarcoHaveTheirTextsAndNoOrder() throws IOException {
    Path file = folder.resolve("top1000.dev");
    Qrels qrels = new Qrels(Map.of("1", Map.of("a", 1)));

    Files.writeString(file, "1\ta\tone\tx\n2\ta\ttwo\tx\n1\tb\tone\ty\n");
    RankingData data = RankingSamples.readCandidates(file, qrels);
    assertThat(data.ranked()).isFalse();
    assertThat(Reranking.of(data).pairs())
        .containsExactlyInAnyOrder(new TextPair("one", "x"), new TextPair("one", "y"));

    Files.writeString(file, "1\ta\tone\tx\n1\ta\tone\tx\n");
    assertThatThrownBy(() -> RankingSamples.readCandidates(file, qrels))
        .isInstanceOf(InvalidDataException.class)
        .hasMessageContaining("1 lines repeat a document of the same query; the first is line 2.");
    Files.writeString(file, "1\ta\tone\n");
    assertThatThrownBy(() -> RankingSamples.readCandidates(file, qrels))
        .hasMessageContaining("1 lines are not 'query document query-text document-text'");
  }

  private RankingData read(String content) throws IOException {
    return RankingSamples.read(Files.writeString(folder.resolve("samples.jsonl"), content));
  }
}
