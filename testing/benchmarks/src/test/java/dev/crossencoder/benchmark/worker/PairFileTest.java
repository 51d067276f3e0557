package dev.crossencoder.benchmark.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.model.TextPair;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PairFileTest {
  @Test
  void textsComeBackAsTheyWere(@TempDir Path folder) throws IOException {
    List<TextPair> pairs =
        List.of(new TextPair("", "a\nb\tc"), new TextPair("\"ü\" \u2028 灯", "👩‍🚒\\"));
    Path file = folder.resolve("some/pairs.jsonl");

    PairFile.write(file, pairs);

    assertThat(PairFile.read(file)).isEqualTo(pairs);
  }

  @Test
  void pairsAreRepeatedFromTheFirst() {
    TextPair first = new TextPair("1", "");
    TextPair second = new TextPair("2", "");

    assertThat(PairFile.cycle(List.of(first, second), 3)).containsExactly(first, second, first);
  }
}
