package dev.crossencoder.evaluation.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.evaluation.InvalidDataException;
import dev.crossencoder.evaluation.ranking.Qrels;
import dev.crossencoder.evaluation.ranking.RankedDocument;
import dev.crossencoder.evaluation.ranking.Run;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrecFilesTest {
  @TempDir private Path folder;

  @Test
  void topicsAreLinesOrObjects() throws IOException {
    assertThat(TrecFiles.topics(write("a.tsv", "1\tone  two\n\n2 three four\r\n")))
        .containsExactly(Map.entry("1", "one  two"), Map.entry("2", "three four"));
    assertThat(TrecFiles.topics(write("a.jsonl", "{\"_id\":\"q1\",\"text\":\"one\"}\n")))
        .containsExactly(Map.entry("q1", "one"));
  }

  @Test
  void aDocumentHasItsTitleAndOnlyWantedOnesAreKept() throws IOException {
    Path json =
        write(
            "corpus.jsonl",
            "{\"_id\":\"a\",\"title\":\"T\",\"text\":\"x\"}\n{\"id\":7,\"contents\":\"y\"}\n{\"docid\":\"b\",\"text\":\"z\"}\n");

    assertThat(TrecFiles.corpus(json, Set.of("a", "7", "none")))
        .containsExactly(Map.entry("a", "T x"), Map.entry("7", "y"));
    assertThat(TrecFiles.corpus(write("corpus.tsv", "a b\tone two\n"), Set.of("a b")))
        .containsExactly(Map.entry("a b", "one two"));
  }

  @Test
  void aRunIsThatOfTrecOrOfMsMarco() throws IOException {
    assertThat(TrecFiles.run(write("a", "q Q0 a 1 1.5 x\nq\tQ0\tb\t2\t2.5\tx\n")).rankings())
        .containsExactly(
            Map.entry("q", List.of(new RankedDocument("b", 2.5f), new RankedDocument("a", 1.5f))));
    assertThat(TrecFiles.run(write("b", "q\tb\t2\nq\ta\t1\n")).rankings().get("q"))
        .extracting(RankedDocument::id)
        .containsExactly("a", "b");
  }

  @Test
  void judgementsAreThoseOfTrecOrOfBeir() throws IOException {
    Map<String, Map<String, Integer>> expected = Map.of("q", Map.of("a", 2, "b", -1));

    assertThat(TrecFiles.qrels(write("a", "q 0 a 2\nq Q0 b -1\nq 0 a 2\n")).grades())
        .isEqualTo(expected);
    assertThat(
            TrecFiles.qrels(write("b.tsv", "query-id\tcorpus-id\tscore\nq\ta\t2\nq\tb\t-1\n"))
                .grades())
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          run    | q Q0 a 1 1 x;q Q0 a 2 0 x;q Q0 a 3 0 x | , 2 lines repeat a document of the same query; the first is line 2 (query q, document a). Remove them: a document has one rank.
          run    | q Q0 a 1;q Q0 a 1 high x               | , 2 lines are not 'query Q0 document rank score name' nor 'query document rank'; the first is line 1. Correct or remove them. A rank is a whole number from 1; a score needs the six columns.
          run    | q a 1;q b 2.5;q c 0;q d -1             | , 3 lines are not 'query Q0 document rank score name' nor 'query document rank'; the first is line 2. Correct or remove them. A rank is a whole number from 1; a score needs the six columns.
          run    | ;                                      | , it contains no ranked document.
          qrels  | q 0 a 1;q 0 a 2                        | , 1 lines give another grade to a document that has one; the first is line 2. Remove them.
          qrels  | q 0 a yes                              | , 1 lines are not 'query 0 document grade' nor 'query document grade'; the first is line 1. Correct or remove them.
          qrels  | ;                                      | , it contains no judgement.
          topics | 1;2 x                                  | , 1 lines have no id followed by a text; the first is line 1. Put a tab between the id and the text.
          topics | 1 x;1 y                                | , 1 of its ids have another text before; the first is 1. An id must stand for one query.
          topics | ;                                      | , it contains no query.
          """)
  void badFilesAreRefusedWithCounts(String kind, String content, String message)
      throws IOException {
    Path file = write("bad", content.replace(';', '\n') + "\n");

    assertThatThrownBy(
            () -> {
              switch (kind) {
                case "run" -> TrecFiles.run(file);
                case "qrels" -> TrecFiles.qrels(file);
                default -> TrecFiles.topics(file);
              }
            })
        .isInstanceOf(InvalidDataException.class)
        .hasMessage("Cannot read " + file + message);
  }

  @Test
  void otherEncodingsAndDamagedJsonAreRefused() throws IOException {
    Path latin = folder.resolve("latin");
    Files.write(latin, new byte[] {'1', '\t', (byte) 0xE9, '\n'});
    Path damaged = write("damaged.jsonl", "{\"_id\":\"a\",\"text\":\"x\"}\n{\"_id\": \n");

    assertThatThrownBy(() -> TrecFiles.topics(latin))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage(
            "Cannot read %s, it is not in UTF-8. Convert it first, such as with iconv.", latin);
    assertThatThrownBy(() -> TrecFiles.topics(damaged))
        .isInstanceOf(InvalidDataException.class)
        .hasMessageStartingWith("Cannot read %s, it is not valid JSON at line 3", damaged);
  }

  @Test
  void aRunWithNaNIsRefused() throws IOException {
    Path file = write("run", "q Q0 a 1 NaN x\nq Q0 b 2 1 x\n");

    assertThatThrownBy(() -> TrecFiles.run(file))
        .hasMessageStartingWith("Cannot rank, 1 of 2 scores are NaN.");
  }

  @Test
  void missingTextsAreCountedForJudgedQueriesOnly() throws IOException {
    RankingData data =
        new RankingData(
            Map.of("q", "one"),
            Map.of("a", "x"),
            TrecFiles.run(write("run", "q Q0 a 1 1 x\nq Q0 b 2 1 x\nq Q0 c 2 1 x\nr Q0 d 1 1 x\n")),
            new Qrels(Map.of("q", Map.of("a", 1))),
            true);

    assertThatThrownBy(() -> Reranking.of(data))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage(
            "Cannot rerank, 2 of 3 documents are not in the corpus; the first is c. Add them, or remove them from the run.");
  }

  private Path write(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  @Test
  void damagedFilesAndFoldersAreRefused() throws IOException {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(compressed)) {
      out.write("q Q0 a 1 1 x\n".getBytes(StandardCharsets.UTF_8));
    }
    Path truncated =
        Files.write(
            folder.resolve("truncated.gz"),
            Arrays.copyOf(compressed.toByteArray(), compressed.size() - 10));
    Path plain = write("plain.gz", "q Q0 a 1 1 x\n");

    assertThatThrownBy(() -> TrecFiles.run(truncated))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage(
            "Cannot read %s, its compressed data end too early. Copy or compress it again.",
            truncated);
    assertThatThrownBy(() -> TrecFiles.run(plain))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage("Cannot read %s, it is not compressed with gzip, or damaged.", plain);
    assertThatThrownBy(() -> TrecFiles.run(folder))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage("Cannot read %s, it is a folder.", folder);
  }

  @Test
  void aRunWithoutDocumentsOfJudgedQueriesIsNotReranked() {
    RankingData data =
        new RankingData(
            Map.of("q", "one"),
            Map.of(),
            new Run(Map.of("q", List.of())),
            new Qrels(Map.of("q", Map.of("a", 1))),
            true);

    assertThatThrownBy(() -> Reranking.of(data))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage("Cannot rerank, none of the 1 judged queries has a document.");
  }
}
