package dev.crossencoder.benchmark.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.crossencoder.model.BatchLimits;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimulationTest {
  /** 1 ms for 10 tokens on one core, and 0.6 ms on both; no slower beside another pass. */
  private static final PassCost FP32 = cost(0.1, 0.1, 0.06);

  private static final PassCost INT8 = cost(0.05, 0.05, 0.03);
  private static final Policy USUAL = Policy.fixed(BatchLimits.DEFAULT, 0, false);

  @Test
  void aPairThatIsAloneGetsBothCores() {
    assertThat(run(USUAL, new double[] {0, 1000}, 100, 100).millis())
        .containsExactly(new double[] {6, 6}, within(1e-6));
  }

  @Test
  void aPairThatArrivesDuringASharedPassWaitsForIt() {
    assertThat(run(USUAL, new double[] {0, 2}, 100, 100).millis())
        .containsExactly(new double[] {6, 10}, within(1e-6));
  }

  @Test
  void waitingPairsAreDividedAmongTheFreeCores() {
    double[] millis = run(USUAL, new double[4], 100, 100, 100, 100).millis();

    assertThat(millis).containsExactly(new double[] {20, 20, 20, 20}, within(1e-6));
  }

  @Test
  void passesBesideEachOtherAreSlower() {
    PassCost slower = cost(0.1, 0.15, 0.06);

    double[] millis =
        Simulation.run(new double[2], new int[] {200, 100}, slower, INT8, USUAL).millis();

    // Both run at two thirds of the speed for 15 ms; then the first one has 10 ms of work left.
    assertThat(millis).containsExactly(new double[] {25, 25}, within(1e-6));
  }

  @Test
  void aBatchKeepsItsLimits() {
    Policy small = Policy.fixed(new BatchLimits(2, 250), 0, false);

    double[] millis = run(small, new double[6], 100, 100, 100, 100, 100, 100).millis();

    assertThat(millis).containsExactly(new double[] {20, 20, 20, 20, 30, 30}, within(1e-6));
  }

  @Test
  void anIdleCoreWaitsForTheLinger() {
    Policy linger = Policy.fixed(new BatchLimits(3, 1024), 20, false);

    double[] millis = run(linger, new double[] {0, 15, 500, 501, 502}, 10, 10, 10, 10, 10).millis();

    assertThat(millis[0]).isEqualTo(21, within(1e-6));
    // The other core waits for the linger of the second pair, which then gets both cores.
    assertThat(millis[1]).isEqualTo(20.6, within(1e-6));
    // The third pair fills the batch, which then starts.
    assertThat(millis[2]).isBetween(2.0, 5.0);
  }

  @Test
  void resultsLeaveInOrder() {
    double[] millis = run(USUAL, new double[2], 1000, 10).millis();

    assertThat(millis).containsExactly(new double[] {100, 100}, within(1e-6));
  }

  @Test
  void int8IsUsedWhileManyTokensWait() {
    Policy policy = Policy.int8Above(new BatchLimits(1, 1024), 250);

    Simulation.Result result = run(policy, new double[4], 100, 100, 100, 100);

    assertThat(result.inInt8()).containsExactly(true, true, false, false);
    assertThat(result.fp32Share()).isEqualTo(0.5);
  }

  @Test
  void int8IsUsedWhereFp32WouldMissTheTarget() {
    Policy policy = Policy.target(new BatchLimits(1, 1024), 40, 0.5, 0.05);

    // 15 ms of work wait, and then 10 ms for a pair that is 10 ms old.
    assertThat(policy.choose(new Policy.Queue(3, 300, 0)).int8()).isFalse();
    assertThat(policy.choose(new Policy.Queue(2, 200, 11)).int8()).isTrue();
  }

  @Test
  void bothCoresWorkAsLongAsPairsWait() {
    int count = 10_000;
    int[] tokens = new int[count];
    Arrays.fill(tokens, 100);

    Simulation.Result full = Simulation.run(new double[count], tokens, FP32, INT8, USUAL);
    Simulation.Result half =
        Simulation.run(Arrivals.poisson(count, 3).millis(100), tokens, FP32, INT8, USUAL);

    // 10 ms of one core for each pair.
    assertThat(full.endMillis()).isCloseTo(count * 10 / 2.0, within(100.0));
    assertThat(half.percentile(50, 0)).isBetween(6.0, 20.0);
    assertThat(half.percentile(99, 0)).isBetween(20.0, 100.0);
  }

  @Test
  void aTraceIsReadAtAMeanRateOfOne(@TempDir Path folder) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("trace.csv"),
            "TIMESTAMP,ContextTokens\n2023-11-16 18:17:03.9799600,4808\n2023-11-16 18:17:04.9799600,1\n2023-11-16 18:17:07.9799600,1\n");

    Arrivals arrivals = Arrivals.read("trace", file);

    assertThat(arrivals.times()).containsExactly(new double[] {0, 0.5, 2}, within(1e-9));
    assertThat(arrivals.millis(2)).containsExactly(new double[] {0, 250, 1000}, within(1e-6));
  }

  @Test
  void costsAreInterpolated() {
    PassCost cost =
        new PassCost(
            new double[] {10, 20, 40},
            new double[] {2, 3, 7},
            new double[] {2, 3, 7},
            new double[] {1, 2, 3});

    assertThat(cost.alone(15)).isEqualTo(2.5);
    assertThat(cost.alone(60)).isEqualTo(11);
    assertThat(cost.shared(30)).isEqualTo(2.5);
    assertThat(cost.alone(1)).isBetween(1.0, 1.2);
  }

  private static Simulation.Result run(Policy policy, double[] arrivals, int... tokens) {
    return Simulation.run(arrivals, tokens, FP32, INT8, policy);
  }

  private static PassCost cost(double alone, double beside, double shared) {
    return new PassCost(
        new double[] {0, 1000},
        new double[] {0, 1000 * alone},
        new double[] {0, 1000 * beside},
        new double[] {0, 1000 * shared});
  }
}
