package dev.crossencoder.benchmark.simulation;

import dev.crossencoder.benchmark.simulation.Policy.Choice;
import dev.crossencoder.model.BatchFill;
import java.util.Arrays;

/**
 * Simulates the queue of the operator on two cores, event by event, as {@code BatchQueue} is
 * documented: a free core takes its share of the waiting pairs within the limits, in order of
 * arrival, at least a quarter of a full batch; a pair that waits alone on an idle machine gets both
 * cores; only the first thread runs such passes. Results leave in order of arrival, as by default.
 * Owned by one thread.
 *
 * <p>Costs besides forward passes are not simulated: tokenization, Flink, and what it costs to have
 * two models in the caches. Two passes at the same time slow each other down as measured.
 */
final class Simulation {
  private static final int CORES = 2;
  private static final int FIRST = 0;
  private static final double NEVER = Double.POSITIVE_INFINITY;

  /** How many pairs the operator has in flight by default. The queue does not show more. */
  private static final int CAPACITY = 128;

  private static final double DONE = 1e-9;

  private final double[] arrivals;
  private final int[] tokens;
  private final PassCost fp32;
  private final PassCost int8;
  private final Policy policy;
  private final double[] completions;
  private final boolean[] inInt8;
  private final Run[] running = new Run[CORES];
  private double now;
  private int arrived;
  private int taken;
  private int freeCores = CORES;
  private double wake = NEVER;

  /** A forward pass; its work is counted in milliseconds on an otherwise idle machine. */
  private static final class Run {
    private final int from;
    private final int end;
    private final int cores;
    private final double speedBeside;
    private double work;

    Run(int from, int end, int cores, double work, double speedBeside) {
      this.from = from;
      this.end = end;
      this.cores = cores;
      this.work = work;
      this.speedBeside = speedBeside;
    }
  }

  private Simulation(double[] arrivals, int[] tokens, PassCost fp32, PassCost int8, Policy policy) {
    this.arrivals = arrivals;
    this.tokens = tokens;
    this.fp32 = fp32;
    this.int8 = int8;
    this.policy = policy;
    this.completions = new double[arrivals.length];
    this.inInt8 = new boolean[arrivals.length];
  }

  /**
   * What happened to each pair.
   *
   * @param millis the latency of each pair
   * @param inInt8 whether it was scored in int8
   * @param endMillis when the last one was complete
   */
  record Result(double[] millis, boolean[] inInt8, double endMillis) {
    /** Returns a percentile of the latency of the pairs from an index on. */
    double percentile(double percent, int from) {
      double[] sorted = Arrays.copyOfRange(millis, from, millis.length);
      Arrays.sort(sorted);
      int rank = (int) Math.ceil(percent / 100 * sorted.length);
      return sorted[Math.max(0, rank - 1)];
    }

    /** Returns the share of the pairs that were scored in fp32. */
    double fp32Share() {
      int count = 0;
      for (boolean one : inInt8) {
        count += one ? 0 : 1;
      }
      return count / (double) inInt8.length;
    }
  }

  /**
   * Simulates until all pairs are scored.
   *
   * @param arrivals milliseconds, ascending
   * @param tokens the tokens of each pair
   */
  static Result run(double[] arrivals, int[] tokens, PassCost fp32, PassCost int8, Policy policy) {
    return new Simulation(arrivals, tokens, fp32, int8, policy).run();
  }

  private Result run() {
    int scored = 0;
    while (scored < arrivals.length) {
      double next = Math.min(wake, arrived < arrivals.length ? arrivals[arrived] : NEVER);
      for (Run run : running) {
        if (run != null) {
          next = Math.min(next, now + run.work / speed(run));
        }
      }
      advance(Math.max(now, next));
      while (arrived < arrivals.length && arrivals[arrived] <= now) {
        arrived++;
      }
      for (int thread = 0; thread < CORES; thread++) {
        Run run = running[thread];
        if (run != null && run.work <= DONE) {
          Arrays.fill(completions, run.from, run.end, now);
          scored += run.end - run.from;
          freeCores += run.cores;
          running[thread] = null;
        }
      }
      dispatch();
    }
    double[] millis = new double[arrivals.length];
    double inOrder = 0;
    for (int i = 0; i < millis.length; i++) {
      inOrder = Math.max(inOrder, completions[i]);
      millis[i] = inOrder - arrivals[i];
    }
    return new Result(millis, inInt8, now);
  }

  private void advance(double time) {
    double elapsed = time - now;
    double[] speeds = new double[CORES];
    for (int thread = 0; thread < CORES; thread++) {
      speeds[thread] = running[thread] == null ? 0 : speed(running[thread]);
    }
    for (int thread = 0; thread < CORES; thread++) {
      if (running[thread] != null) {
        running[thread].work -= elapsed * speeds[thread];
      }
    }
    now = time;
  }

  private double speed(Run run) {
    boolean both = running[0] != null && running[1] != null;
    return both ? run.speedBeside : 1;
  }

  /** Starts passes as long as a thread, a core and a pair are free. */
  private void dispatch() {
    wake = NEVER;
    while (freeCores > 0 && taken < arrived && (running[0] == null || running[1] == null)) {
      int inFlight = taken - completedInOrder();
      int visible = Math.max(1, Math.min(arrived - taken, CAPACITY - inFlight));
      long waitingTokens = 0;
      for (int i = taken; i < taken + visible; i++) {
        waitingTokens += tokens[i];
      }
      double oldest = now - arrivals[taken];
      Choice choice = policy.choose(new Policy.Queue(visible, waitingTokens, oldest));
      boolean full =
          visible >= choice.limits().maxPairs() || waitingTokens >= choice.limits().maxTokens();
      if (!full && oldest < choice.lingerMillis() - DONE) {
        wake = arrivals[taken] + choice.lingerMillis();
        return;
      }
      start(visible, waitingTokens, choice);
    }
  }

  private int completedInOrder() {
    int first = taken;
    for (Run run : running) {
      first = run == null ? first : Math.min(first, run.from);
    }
    return first;
  }

  private void start(int visible, long waitingTokens, Choice choice) {
    int thread = running[FIRST] == null ? FIRST : 1;
    int shares = Math.min(freeCores, visible);
    long share = divideUp(waitingTokens, shares);
    if (choice.lingerMillis() == 0) {
      long ofAnyCore = divideUp(waitingTokens, CORES);
      share = Math.min(share, Math.max(ofAnyCore, choice.limits().maxTokens() / 4));
    }
    BatchFill fill = new BatchFill(choice.limits());
    int from = taken;
    int end = from + visible;
    while (taken < end && (taken == from || fill.tokens() < share) && fill.add(tokens[taken])) {
      inInt8[taken] = choice.int8();
      taken++;
    }
    int cores = 1;
    if (thread == FIRST) {
      cores = taken == end ? freeCores : Math.max(1, freeCores / shares);
    }
    PassCost cost = choice.int8() ? int8 : fp32;
    double alone = cost.alone(fill.tokens());
    running[thread] =
        new Run(
            from,
            taken,
            cores,
            cores > 1 ? cost.shared(fill.tokens()) : alone,
            Math.min(1, alone / cost.beside(fill.tokens())));
    freeCores -= cores;
  }

  private static long divideUp(long tokens, int parts) {
    return (tokens + parts - 1) / parts;
  }
}
