package dev.crossencoder.model.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.model.Score;
import dev.crossencoder.model.Span;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.tokenizer.PairText;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EvidenceSearchTest {
  private static final String TEXT = "It rains. It snows. It is late.";

  @Test
  void aScoreThatIsNotFiniteIsNoEvidence() {
    EvidenceSearch search =
        new EvidenceSearch(
            new TextPair("q", TEXT), PairText.SECOND, new Span(0, TEXT.length()), null, 0);

    search.add(0, score(Float.NaN));
    search.add(1, score(0.9f));
    search.add(2, score(0.1f));

    assertThat(search.isOpen()).isFalse();
    assertThat(TEXT.substring(search.result().start(), search.result().end()))
        .isEqualTo("It is late.");
  }

  private static Score score(float value) {
    return new Score(value, null, Map.of(), List.of(value), false);
  }
}
