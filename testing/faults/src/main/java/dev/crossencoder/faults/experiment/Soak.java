package dev.crossencoder.faults.experiment;

import dev.crossencoder.cluster.FlinkRest;
import dev.crossencoder.faults.records.Feeder;
import dev.crossencoder.faults.records.Mix;
import dev.crossencoder.faults.rig.ProcessResources;
import dev.crossencoder.faults.rig.Rig;
import dev.crossencoder.faults.rig.Setup;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Full load with pairs of all lengths for a long time, during which no resource may grow.
 *
 * @param minutes the duration
 */
record Soak(int minutes) implements Experiment {
  private static final int SAMPLES = 60;
  private static final int WAITING_RECORDS = 2000;
  private static final int PAIRS = 1000;

  /**
   * The maximum number of words, each of which is one token, so that the longest pairs are
   * truncated.
   */
  private static final int LONGEST_PASSAGE = 540;

  private static final Duration WARM_UP = Duration.ofMinutes(2);
  private static final int SMALL_MINUTES = 5;

  @Override
  public String name() {
    return "soak";
  }

  @Override
  public String description() {
    return "%d minutes at full load, passages of 1 to %d words".formatted(minutes, LONGEST_PASSAGE);
  }

  @Override
  public Setup setup(Path folder) {
    return Setup.of(1).withTouchedHeap();
  }

  @Override
  public String model(Rig rig) {
    return "demo-qa";
  }

  @Override
  public Mix mix(long seed, int records) {
    return Mix.USUAL.withPassages(PAIRS, LONGEST_PASSAGE);
  }

  @Override
  public int seconds() {
    return (int) TimeUnit.MINUTES.toSeconds(minutes);
  }

  @Override
  public Feeder.Pace pace(int records) {
    return Feeder.Pace.fullLoad(WAITING_RECORDS);
  }

  @Override
  public void run(Run run) throws Exception {
    if (minutes >= SMALL_MINUTES) {
      TimeUnit.NANOSECONDS.sleep(WARM_UP.toNanos());
    }
    FlinkRest rest = run.rig().cluster().rest();
    List<ProcessResources> resources = new ArrayList<>();
    List<Double> perSecond = new ArrayList<>();
    Map<String, String> latencies = new LinkedHashMap<>();
    latencies.put("forward pass, median µs", "crossEncoder.forwardMicros_median");
    latencies.put("wait in the queue, median µs", "crossEncoder.queueMicros_median");
    latencies.put("tokenizing, median µs", "crossEncoder.tokenizeMicros_median");
    Map<String, List<Double>> samples = new HashMap<>();
    long period = TimeUnit.MINUTES.toNanos(minutes) / SAMPLES;
    long start = System.nanoTime();
    for (int i = 0; i < SAMPLES; i++) {
      int before = run.main().ledger().seen();
      long begin = System.nanoTime();
      TimeUnit.NANOSECONDS.sleep(Math.max(0, start + (i + 1) * period - begin));
      perSecond.add((run.main().ledger().seen() - before) * 1e9 / (System.nanoTime() - begin));
      for (Map.Entry<String, String> latency : latencies.entrySet()) {
        rest.largest(run.job().id(), latency.getValue())
            .ifPresent(
                micros ->
                    samples
                        .computeIfAbsent(latency.getKey(), key -> new ArrayList<>())
                        .add(micros));
      }
      resources.add(run.rig().taskManagerResources(0));
    }
    RestartInPlace.trends(run, resources);
    for (String what : latencies.keySet()) {
      run.trend(what, samples.get(what));
    }
    run.trend("seconds per 1,000 records", perSecond.stream().map(rate -> 1000 / rate).toList());
    run.check("restarts", String.valueOf(run.job().restarts()), run.job().restarts() == 0);
  }
}
