package dev.crossencoder.model.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.model.scoring.Shares.Share;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SharesTest {
  @ParameterizedTest
  @CsvSource({"8,2,32", "9,2,32", "1000,2,32", "1000,16,32", "100000,3,256", "20,2,1", "7,1,32"})
  void allPairsAreInOneShareAndSharesBecomeSmaller(int pairs, int threads, int maxPairs) {
    List<Share> shares = Shares.of(pairs, threads, maxPairs);

    int next = 0;
    int size = Integer.MAX_VALUE;
    for (Share share : shares) {
      assertThat(share.start()).isEqualTo(next);
      assertThat(share.end() - share.start()).isPositive().isLessThanOrEqualTo(size);
      next = share.end();
      size = share.end() - share.start();
    }
    assertThat(next).isEqualTo(pairs);
  }

  @Test
  void theLastSharesAreSmall() {
    List<Share> shares = Shares.of(1000, 2, 32);

    assertThat(shares.get(0)).isEqualTo(new Share(0, 32));
    assertThat(shares.subList(shares.size() - 4, shares.size()))
        .allMatch(share -> share.end() - share.start() <= 4);
  }

  @Test
  void fewPairsAreNotDivided() {
    assertThat(Shares.of(7, 2, 32)).containsExactly(new Share(0, 7));
    assertThat(Shares.of(100, 1, 32)).containsExactly(new Share(0, 100));
    assertThat(Shares.of(0, 2, 32)).containsExactly(new Share(0, 0));
  }
}
