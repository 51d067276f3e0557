package dev.crossencoder.model.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.TextPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GoldenPairsTest {
  private static final String GOOD =
      """
      {"query": "q", "passage": "p", "cross_encoder": {"score": 0.5, "logits": [-200.0]}}

      {"id": 7, "premise": "a", "hypothesis": "b", "cross_encoder": {"logits": [0.25, 1]}}
      """;

  @TempDir private Path folder;

  private GoldenPairs read(String text) throws IOException {
    Files.writeString(folder.resolve(GoldenPairs.FILE), text);
    return GoldenPairs.read(folder).orElseThrow();
  }

  @Test
  void aFolderMayHaveNone() {
    assertThat(GoldenPairs.read(folder)).isEmpty();
  }

  @Test
  void theLinesOfTheCommandScoreAreRead() throws IOException {
    assertThat(read(GOOD).pairs()).containsExactly(new TextPair("q", "p"), new TextPair("a", "b"));
  }

  @Test
  void logitsMayDifferByAHundredth() throws IOException {
    GoldenPairs golden = read(GOOD);

    golden.check(List.of(List.of(-201.9f), List.of(0.259f, 0.991f)));

    assertThatThrownBy(() -> golden.check(List.of(List.of(-200f), List.of(0.25f, 1.02f))))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("golden pair 2 of " + folder.resolve(GoldenPairs.FILE))
        .hasMessageContaining("[0.25, 1.0], but [0.25, 1.02]");
    assertThatThrownBy(() -> golden.check(List.of(List.of(Float.NaN), List.of(0.25f, 1f))))
        .hasMessageContaining("golden pair 1");
    assertThatThrownBy(() -> golden.check(List.of(List.of(-200f), List.of(0.25f))))
        .hasMessageContaining("golden pair 2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ | line 1 is not valid JSON",
        "{\"query\": \"q\"} | line 1 has no pair",
        "{\"query\": \"q\", \"passage\": \"p\"} | line 1 has no logits",
        "'' | it has 0 pairs"
      })
  void aFileThatIsNotValidIsRefused(String text, String reason) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining(reason);
  }
}
