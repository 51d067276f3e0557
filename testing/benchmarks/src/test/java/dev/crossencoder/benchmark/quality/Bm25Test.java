package dev.crossencoder.benchmark.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.crossencoder.evaluation.ranking.RankedDocument;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class Bm25Test {
  private static final Bm25 SEARCH =
      new Bm25(Map.of("a", "The wing, a WING.", "b", "the slipstream", "c", "heat"));

  @Test
  void rareWordsOfShortDocumentsCount() {
    List<RankedDocument> found = SEARCH.search("Wing in the slipstream?", 10);

    // Lengths are 4, 2 and 1, their mean is 7/3.
    double the = Math.log(1 + 1.5 / 2.5);
    double once = Math.log(1 + 2.5 / 1.5);
    double lengthA = 0.9 * (0.6 + 0.4 * 4 / (7 / 3.0));
    double lengthB = 0.9 * (0.6 + 0.4 * 2 / (7 / 3.0));
    double a = once * 2 * 1.9 / (2 + lengthA) + the * 1.9 / (1 + lengthA);
    double b = once * 1.9 / (1 + lengthB) + the * 1.9 / (1 + lengthB);
    assertThat(found).extracting(RankedDocument::id).containsExactly("a", "b");
    assertThat(found.get(0).score()).isCloseTo((float) a, within(1e-6f));
    assertThat(found.get(1).score()).isCloseTo((float) b, within(1e-6f));
  }

  @Test
  void noMoreThanTheDepthIsFound() {
    assertThat(SEARCH.search("the", 1)).extracting(RankedDocument::id).containsExactly("b");
    assertThat(SEARCH.search("unknown", 1)).isEmpty();
  }
}
