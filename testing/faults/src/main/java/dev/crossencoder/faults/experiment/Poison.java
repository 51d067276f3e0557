package dev.crossencoder.faults.experiment;

import dev.crossencoder.faults.records.Feeder;
import dev.crossencoder.faults.records.Mix;
import dev.crossencoder.faults.rig.Rig;
import dev.crossencoder.faults.rig.Setup;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Mixes malformed and oversized records with valid ones, and compares the throughput of valid
 * records with that of a stream of the same valid records alone. Both streams are in Kafka before
 * their jobs start. The streams take turns.
 *
 * @param rounds the number of runs of each stream
 */
record Poison(int rounds) implements Experiment {
  private static final double MALFORMED = 0.3;
  private static final double OVERSIZED = 0.003;
  private static final double SLOWEST = 0.9;

  /** The streams of a round have fewer records than the first flow, by this factor. */
  private static final int FEWER = 2;

  private static final int SECONDS = 120;

  @Override
  public String name() {
    return "poison";
  }

  @Override
  public String description() {
    return "%.0f %% malformed and %.1f %% oversized records at full speed"
        .formatted(100 * MALFORMED, 100 * OVERSIZED);
  }

  @Override
  public Setup setup(Path folder) {
    return Setup.of(2).withRecordLimits(Mix.MAX_RESULT_BYTES, Mix.MAX_DEAD_LETTER_BYTES);
  }

  @Override
  public Mix mix(long seed, int records) {
    return Mix.USUAL.withMalformed(MALFORMED).withOversized(OVERSIZED);
  }

  /** With a model that takes microseconds, an invalid record costs as much as a valid one. */
  @Override
  public String model(Rig rig) {
    return "demo-qa";
  }

  @Override
  public int seconds() {
    return SECONDS;
  }

  @Override
  public void start(Run run) throws Exception {
    measure(run, run.main(), run.records());
  }

  @Override
  public void run(Run run) throws Exception {
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < rounds; i++) {
      double clean = measure(run, "clean-" + i, Mix.USUAL.withMalformed(0));
      double poisoned = measure(run, "poison-" + i, mix(0, run.records()));
      ratios.add(poisoned / clean);
      System.out.printf(
          Locale.ROOT, "  good records a second: %.0f alone, %.0f among others%n", clean, poisoned);
    }
    ratios.sort(null);
    run.atLeast(
        "rate of good records ÷ rate in a stream without bad records, median of %d"
            .formatted(rounds),
        ratios.get(rounds / 2),
        SLOWEST);
  }

  private double measure(Run run, String name, Mix mix) throws Exception {
    Flow flow = run.open(name, model(run.rig()), mix, run.seed());
    return measure(run, flow, run.records() / FEWER);
  }

  /**
   * Returns the number of valid records per second between the first and the last committed output.
   */
  private static double measure(Run run, Flow flow, int records) throws Exception {
    flow.feed(Feeder.Pace.fullLoad(Integer.MAX_VALUE), records);
    int inputs = flow.finishFeeding();
    flow.job().submit(run.rig().slots());
    flow.awaitOutputsOf(1);
    int first = flow.ledger().seen();
    long start = System.nanoTime();
    flow.awaitOutputsOf(inputs);
    double seconds = (System.nanoTime() - start) / 1e9;
    double good = (double) flow.ledger().results() / inputs;
    flow.job().stopWithSavepoint();
    return good * (inputs - first) / seconds;
  }
}
