package dev.crossencoder.evaluation.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.evaluation.InvalidDataException;
import dev.crossencoder.evaluation.ranking.Qrels;
import dev.crossencoder.evaluation.ranking.RankedDocument;
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

class RankLlmFileTest {
  private static final Qrels QRELS = new Qrels(Map.of("7", Map.of("a", 1)));

  @TempDir private Path folder;

  private RankingData read(String content) throws IOException {
    return RankLlmFile.read(Files.writeString(folder.resolve("run.jsonl"), content), QRELS);
  }

  @Test
  void hitsAreTheOlderForm() throws IOException {
    RankingData data =
        read(
            "[{\"query\":\"one\",\"hits\":[{\"content\":\"x\",\"qid\":7,\"docid\":\"a\",\"rank\":1,\"score\":2.5}]}]");

    assertThat(data.run().rankings())
        .containsExactly(Map.entry("7", List.of(new RankedDocument("a", 2.5f))));
    assertThat(Reranking.of(data).pairs()).containsExactly(new TextPair("one", "x"));
  }

  @Test
  void candidatesHaveTheirTextUnderOneOfSeveralNamesOrAreTexts() throws IOException {
    RankingData data =
        read(
            """
            {"query":{"text":"one","qid":7},"candidates":[{"docid":"a","score":2,"doc":{"contents":"x","title":"T"}},{"docid":5,"score":1.5,"doc":{"segment":"y","body":"no"}},{"docid":"c","score":1,"doc":"z"}]}
            {"query":{"text":"two","qid":"q"},"candidates":[]}
            """);

    assertThat(data.run().rankings().get("7"))
        .containsExactly(
            new RankedDocument("a", 2), new RankedDocument("5", 1.5f), new RankedDocument("c", 1));
    assertThat(data.run().rankings().get("q")).isEmpty();
    assertThat(data.queries()).containsExactly(Map.entry("7", "one"), Map.entry("q", "two"));
    assertThat(Reranking.of(data).pairs())
        .containsExactly(
            new TextPair("one", "T x"), new TextPair("one", "y"), new TextPair("one", "z"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {"query":"one","hits":[{"qid":7,"docid":"a","score":1}]}                                        | 1 objects are not those of rank_llm; the first is object 1. An object has a query with text and qid
          {"query":"one","candidates":[]}{"query":{"text":"one"},"candidates":[]}                        | 2 objects are not those of rank_llm; the first is object 1.
          {"query":{"text":"one","qid":7},"candidates":[{"docid":"a","score":"1","doc":"x"}]}            | 1 objects are not those of rank_llm; the first is object 1.
          {"query":{"text":"one","qid":7},"candidates":[{"docid":"a","score":1,"doc":{"url":"x"}}]}      | 1 objects are not those of rank_llm; the first is object 1.
          {"query":{"text":"one","qid":7},"candidates":[{"docid":"a","score":1,"doc":"x"},{"docid":"a","score":2,"doc":"x"}]} | 1 documents repeat one of the same query; the first is document a of query 7. Remove them.
          {"query":{"text":"one","qid":7},"candidates":[]}{"query":{"text":"two","qid":7},"candidates":[{"docid":"a","score":1,"doc":"x"}]} | 1 of its ids have another text before; the first is 7. An id must stand for one query.
          {"query":{"text":"one","qid":7},"candidates":[]}                                               | it contains no document.
          """)
  void otherObjectsAreRefusedWithCounts(String content, String message) {
    assertThatThrownBy(() -> read(content))
        .isInstanceOf(InvalidDataException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource({"a.json,true", "a.JSON.gz,true", "a.jsonl,true", "a.trec,false", "a.trec.gz,false"})
  void theExtensionTellsWhetherARunHasTexts(String name, boolean texts) {
    assertThat(RankLlmFile.isOne(Path.of(name))).isEqualTo(texts);
  }
}
