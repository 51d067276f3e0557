package dev.crossencoder.model.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeptTokensTest {
  private static final int RANGE = 24;

  @ParameterizedTest
  @CsvSource({
    // first, second, max, kept of first, kept of second
    "0, 0, 9, 0, 0",
    "4, 5, 9, 4, 5",
    "0, 20, 9, 0, 9",
    "20, 0, 9, 9, 0",
    "3, 20, 9, 3, 6",
    "20, 3, 9, 6, 3",
    "4, 20, 9, 4, 5",
    "20, 4, 9, 5, 4",
    "5, 20, 9, 4, 5",
    "20, 5, 9, 5, 4",
    "20, 30, 9, 4, 5",
    "30, 20, 9, 5, 4",
    "20, 20, 9, 4, 5",
    "20, 30, 10, 5, 5",
    "30, 20, 10, 5, 5",
    "20, 20, 10, 5, 5",
    "5, 6, 10, 5, 5",
    "1, 1, 1, 0, 1",
    "2, 1, 1, 1, 0",
    "7, 7, 0, 0, 0",
    "2147483647, 2147483647, 509, 254, 255",
    "2147483647, 10, 509, 499, 10"
  })
  void aPairIsCutAsTheFastTokenizersCutIt(
      int first, int second, int max, int keptFirst, int keptSecond) {
    assertThat(KeptTokens.longestFirst(first, second, max))
        .isEqualTo(new KeptTokens(keptFirst, keptSecond));
  }

  @Test
  void allSmallPairsAreCutAsTokenByTokenCuttingWouldCutThem() {
    forAllSmallPairs(
        (first, second, max) ->
            assertThat(KeptTokens.longestFirst(first, second, max))
                .as("%d and %d tokens, at most %d", first, second, max)
                .isEqualTo(tokenByToken(first, second, max)));
  }

  @Test
  void whatStaysFitsAndUsesAllTheRoomThereIs() {
    forAllSmallPairs(
        (first, second, max) -> {
          KeptTokens kept = KeptTokens.longestFirst(first, second, max);
          assertThat(kept.first() + kept.second()).isEqualTo(Math.min(max, first + second));
          assertThat(kept.first()).isBetween(0, first);
          assertThat(kept.second()).isBetween(0, second);
        });
  }

  /** Cuts the longer text until both are equally long, then gives both half. */
  private static KeptTokens tokenByToken(int first, int second, int max) {
    int keptFirst = first;
    int keptSecond = second;
    while (keptFirst + keptSecond > max && keptFirst != keptSecond) {
      if (keptFirst > keptSecond) {
        keptFirst--;
      } else {
        keptSecond--;
      }
    }
    if (keptFirst + keptSecond <= max) {
      return new KeptTokens(keptFirst, keptSecond);
    }
    int half = max / 2;
    return first > second ? new KeptTokens(max - half, half) : new KeptTokens(half, max - half);
  }

  private static void forAllSmallPairs(Check check) {
    for (int first = 0; first < RANGE; first++) {
      for (int second = 0; second < RANGE; second++) {
        for (int max = 0; max < RANGE; max++) {
          check.accept(first, second, max);
        }
      }
    }
  }

  @FunctionalInterface
  private interface Check {
    void accept(int first, int second, int max);
  }
}
