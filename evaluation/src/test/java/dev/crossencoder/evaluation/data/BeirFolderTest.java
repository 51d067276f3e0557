package dev.crossencoder.evaluation.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.evaluation.InvalidDataException;
import dev.crossencoder.evaluation.ranking.RankedDocument;
import dev.crossencoder.model.TextPair;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BeirFolderTest {
  private static final String RUN =
      """
      {"query":{"text":"run one","qid":"q"},"candidates":[{"docid":"a","score":2,"doc":"run x"},{"docid":"b","score":1,"doc":"run y"}]}
      """;

  @TempDir private Path folder;

  private Path write(String name, String content) throws IOException {
    Files.createDirectories(folder.resolve("qrels"));
    return Files.writeString(folder.resolve(name), content);
  }

  @Test
  void filesMayBeCompressed() throws IOException {
    write("queries.jsonl", "\uFEFF{\"_id\":\"q\",\"text\":\"one\"}\n");
    try (OutputStream out =
        new GZIPOutputStream(Files.newOutputStream(folder.resolve("corpus.jsonl.gz")))) {
      out.write("{\"_id\":\"a\",\"title\":\"\",\"text\":\"x\"}\n".getBytes(StandardCharsets.UTF_8));
    }
    try (OutputStream out =
        new GZIPOutputStream(Files.newOutputStream(folder.resolve("qrels/dev.tsv.gz")))) {
      out.write("query-id\tcorpus-id\tscore\nq\ta\t1\n".getBytes(StandardCharsets.UTF_8));
    }

    RankingData data = BeirFolder.read(folder, "dev", write("run", "q Q0 a 1 1 x\n"));

    assertThat(Reranking.of(data).pairs()).containsExactly(new TextPair("one", "x"));
    assertThat(data.qrels().of("q")).containsExactly(Map.entry("a", 1));
  }

  @Test
  void aDocumentWithTheIdOfItsQueryIsLeftOut() throws IOException {
    write("queries.jsonl", "{\"_id\":\"q\",\"text\":\"one\"}\n{\"_id\":\"r\",\"text\":\"two\"}\n");
    write("corpus.jsonl", "{\"_id\":\"a\",\"text\":\"x\"}\n{\"_id\":\"q\",\"text\":\"y\"}\n");
    write("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq\ta\t1\nr\tq\t1\n");
    Path run = write("run", "q Q0 q 1 2 x\nq Q0 a 2 1 x\nr Q0 q 1 1 x\nr Q0 r 1 1 x\n");

    RankingData data = BeirFolder.read(folder, "test", run);

    assertThat(data.run().rankings().get("q")).containsExactly(new RankedDocument("a", 1));
    assertThat(data.run().rankings().get("r")).containsExactly(new RankedDocument("q", 1));
    assertThat(data.notes())
        .containsExactly(
            "2 of 4 documents have the id of their query and are left out, as in BEIR's evaluation.");
    assertThat(BeirFolder.readRun(folder, "test", run).run()).isEqualTo(data.run());
  }

  @Test
  void aRunWithTextsHasThoseOfTheFolderWhereItHasThem() throws IOException {
    write("corpus.jsonl", "{\"_id\":\"b\",\"text\":\"y\"}\n");
    write("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq\ta\t1\n");
    Path run = write("run.jsonl", RUN);

    RankingData data = BeirFolder.read(folder, "test", run);

    assertThat(Reranking.of(data).pairs())
        .containsExactly(new TextPair("run one", "run x"), new TextPair("run one", "y"));
    assertThat(data.notes())
        .containsExactly(
            "0 of 1 queries and 1 of 2 documents have the texts of the topics and the corpus; the others have those of the run.");
  }

  @Test
  void aRunWithoutTextsNeedsThoseOfTheFolder() throws IOException {
    write("queries.jsonl", "{\"_id\":\"q\",\"text\":\"one\"}\n");
    write("corpus.jsonl", "{\"_id\":\"b\",\"text\":\"y\"}\n");
    write("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq\ta\t1\n");
    Path run = write("run", "q Q0 a 1 1 x\n");

    RankingData data = BeirFolder.read(folder, "test", run);

    assertThatThrownBy(() -> Reranking.of(data))
        .isInstanceOf(InvalidDataException.class)
        .hasMessageStartingWith("Cannot rerank, 1 of 1 documents are not in the corpus");
  }
}
