package dev.crossencoder.faults.experiment;

import dev.crossencoder.faults.records.Feeder;
import dev.crossencoder.faults.records.Mix;
import dev.crossencoder.faults.records.Topics;
import dev.crossencoder.faults.records.Traffic;
import dev.crossencoder.faults.records.Verdict;
import dev.crossencoder.faults.report.Outcome;
import dev.crossencoder.faults.rig.Rig;
import dev.crossencoder.faults.rig.RigJob;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** The context of a running experiment: the rig, the flows, and the outcome. Used by one thread. */
final class Run implements AutoCloseable {
  private final Rig rig;
  private final Feeder.Pace pace;
  private final List<String> jobArguments;
  private final long seed;
  private final int records;
  private final Random random;
  private final long startNanos = System.nanoTime();
  private final List<Flow> flows = new ArrayList<>();
  private final Outcome.Builder outcome;

  /** An action that causes a fault. */
  interface Step {
    void run() throws Exception;
  }

  /**
   * Starts the clock.
   *
   * @param pace the rate of the first flow
   * @param jobArguments additional arguments of all jobs
   * @param seed determines the records, and the times and places of the faults
   * @param records the minimum number of records
   * @param outcome receives faults, checks and trends
   */
  Run(
      Rig rig,
      Feeder.Pace pace,
      List<String> jobArguments,
      long seed,
      int records,
      Outcome.Builder outcome) {
    this.rig = rig;
    this.pace = pace;
    this.jobArguments = List.copyOf(jobArguments);
    this.seed = seed;
    this.records = records;
    this.outcome = outcome;
    this.random = new Random(seed);
  }

  Rig rig() {
    return rig;
  }

  Random random() {
    return random;
  }

  /** The seed, which determines the records, and the times and places of the faults. */
  long seed() {
    return seed;
  }

  /** The minimum number of records. */
  int records() {
    return records;
  }

  /** The first flow. */
  Flow main() {
    return flows.get(0);
  }

  /** The flow with a name. */
  Flow flow(String name) {
    return flows.stream()
        .filter(flow -> flow.topics().equals(Topics.of(name)))
        .findFirst()
        .orElseThrow();
  }

  /** The first flow's job. */
  RigJob job() {
    return main().job();
  }

  /** Opens the first flow; its job is not submitted and no records are sent. */
  Flow openMain(String model, Mix mix) throws Exception {
    return open("faults", model, mix);
  }

  /**
   * Opens a flow with different texts than other flows. Does not submit its job and sends no
   * records.
   */
  Flow open(String name, String model, Mix mix) throws Exception {
    return open(name, model, mix, seed + flows.size());
  }

  /**
   * Opens a flow. Does not submit its job and sends no records.
   *
   * @param trafficSeed flows with the same seed have the same texts
   */
  Flow open(String name, String model, Mix mix, long trafficSeed) throws Exception {
    Traffic traffic = new Traffic(trafficSeed, Topics.PARTITIONS, mix);
    Flow flow = Flow.open(rig, name, model, traffic, jobArguments);
    flows.add(flow);
    return flow;
  }

  /** Submits the first flow's job with one subtask per slot, and starts sending. */
  void startMain() throws Exception {
    startMain(rig.slots());
  }

  /** Submits the first flow's job with a parallelism, and starts sending. */
  void startMain(int parallelism) throws Exception {
    job().submit(parallelism);
    main().feed(pace, records);
  }

  /** Sleeps for a random time between two limits. */
  void rest(double minSeconds, double maxSeconds) throws InterruptedException {
    double seconds = minSeconds + random.nextDouble() * (maxSeconds - minSeconds);
    TimeUnit.MILLISECONDS.sleep((long) (1000 * seconds));
  }

  /**
   * Causes a fault, and records the time until every partition of every flow has committed outputs
   * of records that were sent after it.
   *
   * @param what a description of the fault
   */
  void fault(String what, Step breaking) throws Exception {
    long start = System.nanoTime();
    breaking.run();
    for (Flow flow : flows) {
      flow.awaitOutputsOfWhatIsSentNow();
    }
    double recoverySeconds = (System.nanoTime() - start) / 1e9;
    for (Flow flow : flows) {
      flow.job().awaitRunning();
    }
    note(what, start, recoverySeconds);
  }

  /**
   * Waits for the output of a record at which the engine fails, and records the time. TaskManagers
   * that end in the meantime are restarted.
   *
   * @param what a description of the failure
   */
  void marked(String what, int number) throws Exception {
    rig.await("record " + number, () -> main().sent() > number);
    long start = System.nanoTime();
    job()
        .await(
            "an output of record %d, with %s".formatted(number, what),
            () -> {
              rig.restartEndedTaskManagers();
              return main().ledger().has(number);
            });
    main().awaitOutputsOfWhatIsSentNow();
    double recoverySeconds = (System.nanoTime() - start) / 1e9;
    job().awaitRunning();
    note(what, start, recoverySeconds);
  }

  private void note(String what, long start, double recoverySeconds) {
    outcome.add(new Outcome.Fault(what, (start - startNanos) / 1e9, recoverySeconds));
    System.out.printf("  %s, recovered within %.1f s%n", what, recoverySeconds);
  }

  /** Checks that the only TaskManager is still the process with this id. */
  void checkSameTaskManager(long pid) {
    check(
        "the TaskManager is the same process",
        "process " + pid,
        rig.cluster().endedTaskManagers().isEmpty() && rig.cluster().taskManagerPid(0) == pid);
  }

  /** Records a check and whether it passed. */
  void check(String what, String found, boolean asItMustBe) {
    outcome.add(new Outcome.Check(what, found, asItMustBe));
    System.out.printf("  %s: %s%s%n", what, found, asItMustBe ? "" : " (FAILED)");
  }

  /** Checks that a number is at most a limit. */
  void atMost(String what, double found, double limit) {
    check(what, String.format(Locale.ROOT, "%.2f of at most %.2f", found, limit), found <= limit);
  }

  /** Checks that a number is at least a limit. */
  void atLeast(String what, double found, double limit) {
    check(what, String.format(Locale.ROOT, "%.2f of at least %.2f", found, limit), found >= limit);
  }

  /** Records the samples of a quantity that must not grow, in the order of time. */
  void trend(String what, List<Double> samples) {
    Outcome.Trend trend = Outcome.Trend.of(what, samples);
    outcome.add(trend);
    System.out.printf("  %s%n", trend);
  }

  /** Returns the last known number of restarts of the subtasks of all jobs. */
  int restarts() {
    return flows.stream().mapToInt(flow -> flow.job().lastKnownRestarts()).sum();
  }

  /**
   * Waits for the outputs of all flows, stops their jobs, and returns the verdict on all records.
   */
  Verdict finish() throws Exception {
    Verdict verdict = Verdict.EMPTY;
    for (Flow flow : flows) {
      verdict = verdict.plus(flow.finish());
    }
    return verdict;
  }

  @Override
  public void close() {
    flows.forEach(Flow::close);
  }
}
