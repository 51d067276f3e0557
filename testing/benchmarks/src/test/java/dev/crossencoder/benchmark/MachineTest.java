package dev.crossencoder.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MachineTest {
  @Test
  void busyIsAllButIdleAndWaitingAndGuestsCountOnce() {
    assertThat(Machine.busyTicks("cpu  1 20 300 4000 50000 600000 7000000 80000000 9 9"))
        .isEqualTo(1 + 20 + 300 + 600000 + 7000000 + 80000000);
  }

  @Test
  void theTimeOfChildrenIsFoundBehindAnyNameOfAProcess() {
    assertThat(Machine.childrenTicks("4711 (a b) c) S 1 2 3 4 5 6 7 8 9 10 11 12 300 40 20 0"))
        .isEqualTo(300 + 40);
  }
}
