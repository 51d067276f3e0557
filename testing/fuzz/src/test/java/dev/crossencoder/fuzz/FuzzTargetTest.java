package dev.crossencoder.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A short run of every target without Jazzer, with the same inputs each time. */
class FuzzTargetTest {
  private static final int MUTATIONS = 200;
  private static final long SEED = 20260131;

  @ParameterizedTest
  @EnumSource
  void realInputsAreAccepted(FuzzTarget target) throws IOException {
    List<byte[]> seeds = target.seeds();

    assertThat(seeds).isNotEmpty();
    for (byte[] seed : seeds) {
      assertThat(target.accepts(seed)).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void damagedInputsAreAnsweredOrRefused(FuzzTarget target) throws IOException {
    Mutations mutations = new Mutations(SEED, target.seeds());

    int accepted = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      if (target.accepts(mutations.next())) {
        accepted++;
      }
    }

    assertThat(accepted).isBetween(1, MUTATIONS - 1);
  }
}
