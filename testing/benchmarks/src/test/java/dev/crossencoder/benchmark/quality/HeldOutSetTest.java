package dev.crossencoder.benchmark.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeldOutSetTest {
  @TempDir private Path folder;

  private void write(String name, String content) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }

  private static Score score(double value, String label) {
    return new Score((float) value, label, Map.of(), List.of((float) value), false);
  }

  @Test
  void pairsAreTakenAtEqualDistances() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      lines.append("{\"text\":\"p%d\",\"text_pair\":\"h\",\"label\":\"a\"}\n".formatted(i));
    }
    write("heldout/minilm-nli.jsonl", lines.toString());

    assertThat(HeldOutSet.NLI.read(folder, 2).pairs())
        .extracting(TextPair::text)
        .containsExactly("p2", "p6");
    assertThat(HeldOutSet.NLI.read(folder, 100).size()).isEqualTo(8);
  }

  @Test
  void labelsHaveAnAccuracyAndScoresAnAveragePrecision() throws IOException {
    write(
        "heldout/minilm-nli.jsonl",
        "{\"text\":\"a\",\"text_pair\":\"b\",\"label\":\"x\"}\n{\"text\":\"a\",\"text_pair\":\"c\",\"label\":\"y\"}\n");
    write(
        "heldout/minilm-qa.jsonl",
        "{\"text\":\"a\",\"text_pair\":\"b\",\"label\":1}\n{\"text\":\"a\",\"text_pair\":\"c\",\"label\":0}\n");
    int[] once = {1, 1};

    HeldOut nli = HeldOutSet.NLI.read(folder, 10);
    HeldOut qa = HeldOutSet.QA.read(folder, 10);

    assertThat(nli.figure()).isEqualTo("accuracy");
    assertThat(nli.resampling(List.of(score(1, "x"), score(1, "x"))).figures(once)[0])
        .isEqualTo(0.5);
    assertThat(qa.figure()).isEqualTo("average-precision");
    assertThat(qa.resampling(List.of(score(0.2, null), score(0.9, null))).figures(once)[0])
        .isEqualTo(0.5);
  }

  @Test
  void passagesAreRankedAgain() throws IOException {
    write(
        "retrieval/trec-dl/bm25_top100_dl19.json",
        """
        [{"query":"one","hits":[{"content":"x","qid":7,"docid":"a","score":2},{"content":"y","qid":7,"docid":"b","score":1}]},
         {"query":"two","hits":[{"content":"z","qid":8,"docid":"c","score":2}]}]
        """);
    write("retrieval/trec-dl/qrels.dl19-passage.txt", "7 0 b 3\n8 0 c 1\n9 0 c 1\n");

    HeldOut data = HeldOutSet.DL19.read(folder, 10);

    assertThat(data.unit()).isEqualTo("queries");
    assertThat(data.size()).isEqualTo(2);
    double second = Math.log(2) / Math.log(3);
    assertThat(data.before().orElseThrow()).isCloseTo((second + 1) / 2, within(1e-12));
    List<Score> reversed = List.of(score(0.1, null), score(0.9, null), score(0.5, null));
    assertThat(data.resampling(reversed).figures(new int[] {1, 1})[0]).isEqualTo(1);
    assertThat(data.resampling(reversed).figures(new int[] {2, 0})[0]).isEqualTo(1);
    assertThat(HeldOutSet.DL19.read(folder, 1).pairs()).containsExactly(new TextPair("two", "z"));
  }

  @Test
  void abstractsAreSearchedWithTopicsThatAreNumberedByTheirPlace() throws IOException {
    write(
        "retrieval/cranfield/cran.qry.xml",
        "<xml><top><num>1</num><title>wing</title></top><top><num>4</num><title>heat in slabs</title></top></xml>");
    write(
        "retrieval/cranfield/cran.all.1400.xml",
        """
        <doc><docno>1</docno><title>a wing</title><text>a wing in a slipstream</text></doc>
        <doc><docno>2</docno><title>heat</title><text>conduction in slabs</text></doc>
        """);
    write("retrieval/cranfield/cranqrel.trec.txt", "1 0 1 1\n2 0 2 1\n");

    HeldOut data = HeldOutSet.CRANFIELD.read(folder, 10);

    assertThat(data.pairs())
        .containsExactly(
            new TextPair("wing", "a wing in a slipstream"),
            new TextPair("heat in slabs", "heat conduction in slabs"),
            new TextPair("heat in slabs", "a wing in a slipstream"));
    assertThat(data.before().orElseThrow()).isEqualTo(1);
  }

  @Test
  void otherNamesAreRefused() {
    assertThat(HeldOutSet.parse("dl19")).isEqualTo(HeldOutSet.DL19);
    assertThatThrownBy(() -> HeldOutSet.parse("dl20"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid benchmark.sections: dl20. It must be of nli, qa, dl19, cranfield.");
  }
}
