package dev.crossencoder.model.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.model.engine.PassPlan.Pass;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PassPlanTest {
  private static final long SEED = 20_261_125;

  @Test
  void pairsOfEqualLengthAreSharedOutEqually() {
    PassPlan plan = plan(2, 100, 100, 100, 100);

    assertThat(plan.threadsPerPass()).isEqualTo(1);
    assertThat(plan.passes()).containsExactly(new Pass(0, 2, 200), new Pass(2, 4, 200));
  }

  @Test
  void allThreadsWorkOnAPairThatIsAlone() {
    assertThat(plan(2, 100)).isEqualTo(new PassPlan(List.of(new Pass(0, 1, 100)), 2));
  }

  @Test
  void anEngineWhosePassesCannotShareThreadsComputesALonePairWithOne() {
    long[] lone = {0, 100};

    assertThat(PassPlan.of(lone, 2, 1)).isEqualTo(new PassPlan(List.of(new Pass(0, 1, 100)), 1));
  }

  @Test
  void allThreadsWorkOnALongPairAndAShortOneTogether() {
    PassPlan plan = plan(2, 200, 20);

    assertThat(plan.threadsPerPass()).isEqualTo(2);
    assertThat(plan.passes()).containsExactly(new Pass(0, 2, 220));
  }

  @Test
  void oneThreadTakesOnePassAfterTheOther() {
    PassPlan plan = plan(1, 200, 200, 56);

    assertThat(plan.threadsPerPass()).isEqualTo(1);
    assertThat(plan.passes()).containsExactly(new Pass(0, 1, 200), new Pass(1, 3, 256));
  }

  @Test
  void aPairThatIsLongerThanAPassIsAlone() {
    assertThat(plan(1, 10, 5000, 10).passes())
        .containsExactly(new Pass(0, 1, 10), new Pass(1, 2, 5000), new Pass(2, 3, 10));
  }

  @Test
  void aBatchOfOneTokenIsPlanned() {
    assertThat(plan(4, 1).passes()).containsExactly(new Pass(0, 1, 1));
  }

  @Test
  void everyPairIsInOnePassWhateverTheLengths() {
    Random random = new Random(SEED);
    for (int i = 0; i < 2000; i++) {
      int[] lengths = random.ints(1 + random.nextInt(40), 1, 700).toArray();

      PassPlan plan = plan(1 + random.nextInt(8), lengths);

      int next = 0;
      for (Pass pass : plan.passes()) {
        int tokens = Arrays.stream(lengths, pass.first(), pass.end()).sum();
        assertThat(pass.first()).isEqualTo(next);
        assertThat(pass.end()).isGreaterThan(next);
        assertThat(pass.tokens()).isEqualTo(tokens);
        assertThat(pass.repeatedRows()).isBetween(tokens, Math.max(tokens + 15, tokens * 17 / 16));
        assertThat(tokens <= PassPlan.MAX_ROWS || pass.end() == next + 1).isTrue();
        next = pass.end();
      }
      assertThat(next).isEqualTo(lengths.length);
    }
  }

  @Test
  void fewNumbersOfRowsOccur() {
    Set<Integer> rows = new HashSet<>();
    for (int length = 1; length <= 8192; length++) {
      rows.add(plan(1, length).passes().get(0).repeatedRows());
    }

    assertThat(rows).hasSizeLessThanOrEqualTo(32 + 4 * 16);
  }

  private static PassPlan plan(int threads, int... lengths) {
    long[] offsets = new long[lengths.length + 1];
    for (int i = 0; i < lengths.length; i++) {
      offsets[i + 1] = offsets[i] + lengths[i];
    }
    return PassPlan.of(offsets, threads, threads);
  }
}
