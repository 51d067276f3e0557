package dev.crossencoder.benchmark.race;

import dev.crossencoder.benchmark.race.RaceResult.Absent;
import dev.crossencoder.benchmark.race.RaceResult.Entry;
import dev.crossencoder.benchmark.race.RaceResult.Kill;
import dev.crossencoder.benchmark.race.RaceResult.Load;
import dev.crossencoder.benchmark.race.RaceResult.Tried;
import dev.crossencoder.model.TextPair;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs the contenders with one model, one at a time. Each of the parts starts every contender anew;
 * the second part has them in the reverse order. A contender that fails is left out of what
 * follows. Used by one thread.
 *
 * <p>The method is that of Crayfish (Horchidan et al., Crayfish: Navigating the Labyrinth of
 * Machine Learning Inference in Stream Processing Systems, EDBT 2024): fixed rates and bursts, 25 %
 * of each load dropped as its warm-up, and end-to-end latency. Here latency starts at the intended
 * time of a record, so that a job that is behind is charged for it.
 */
public final class RaceCourse {
  /** The shares of the highest saturation of the others at which latencies are compared. */
  static final List<Double> SHARES = List.of(0.25, 0.5, 0.8);

  private static final Duration START = Duration.ofSeconds(150);
  private static final Duration DRAIN = Duration.ofSeconds(40);
  private static final int WARM_UP_RECORDS = 160;

  /** So many seconds' worth of records may wait until a load is given up. */
  private static final double LIMIT_SECONDS = 5;

  private static final int MIN_LIMIT = 512;

  /** The share of its own sustainable rate at which a process of a contender is killed. */
  static final double KILL_SHARE = 0.5;

  private static final int SERVER_AWAY_SECONDS = 5;
  private static final Duration KILL_PATIENCE = Duration.ofMinutes(2);

  private final Site site;
  private final RaceModel model;
  private final List<TextPair> pairs;
  private final RaceTimes times;
  private final Broker broker;
  private final ProcessWatch watch;
  private final Path folder;
  private final Map<Contender, Findings> findings = new EnumMap<>(Contender.class);
  private final Map<Contender, String> absent = new EnumMap<>(Contender.class);
  private int started;

  /** What is done with a contender that runs. */
  @FunctionalInterface
  private interface Part {
    void run(Entrant entrant, Traffic traffic) throws IOException, InterruptedException;
  }

  RaceCourse(
      Site site,
      RaceModel model,
      List<TextPair> pairs,
      RaceTimes times,
      Broker broker,
      ProcessWatch watch) {
    this.site = site;
    this.model = model;
    this.pairs = List.copyOf(pairs);
    this.times = times;
    this.broker = broker;
    this.watch = watch;
    this.folder = site.work().resolve(model.name());
  }

  /**
   * Measures the rate of a contender when records always wait, and takes the fastest setting.
   *
   * @param compare whether all settings are compared; else only the first one runs
   * @param known rates that were measured earlier; used if nothing is compared
   */
  void qualify(Contender contender, boolean compare, List<Tried> known)
      throws InterruptedException {
    Findings found = new Findings();
    findings.put(contender, found);
    if (!compare && !known.isEmpty()) {
      found.tried.addAll(known);
    } else {
      List<Setting> settings = contender.settings();
      for (Setting setting : compare ? settings : settings.subList(0, 1)) {
        found.tried.add(new Tried(setting.toString(), saturation(contender, setting)));
      }
    }
    Tried best = Collections.max(found.tried, Comparator.comparingDouble(Tried::rate));
    found.setting = Setting.of(best.setting());
    found.saturation = best.rate();
    if (best.rate() > 0) {
      absent.remove(contender);
    }
  }

  /** Returns the rate when records always wait; 0 if the contender fails. */
  private double saturation(Contender contender, Setting setting) throws InterruptedException {
    double[] rate = new double[1];
    try {
      with(
          contender,
          setting,
          false,
          0,
          (entrant, traffic) ->
              rate[0] =
                  traffic.closed(
                      Duration.ofSeconds(times.warmUpSeconds() + times.closedSeconds()),
                      Duration.ZERO));
      say("%s, %s: %.1f records/s", contender.key(), setting, rate[0]);
    } catch (IOException | RuntimeException e) {
      absent.put(contender, String.valueOf(e.getMessage()));
      say("%s, %s failed: %s", contender.key(), setting, e.getMessage());
    }
    return rate[0];
  }

  /**
   * Looks for the sustainable rate of a contender, and then offers fixed rates and bursts, as far
   * as it can sustain them on average.
   */
  void race(Contender contender) throws InterruptedException {
    Findings found = findings.get(contender);
    if (absent.containsKey(contender)) {
      return;
    }
    double best = saturation();
    try {
      with(
          contender,
          found.setting,
          false,
          times.raceWarmUpSeconds(),
          (entrant, traffic) -> {
            RateSearch search = new RateSearch(found.saturation, times.steps());
            while (search.goesOn()) {
              Load load = load(traffic, 0, search.rate());
              found.search.add(load);
              search.note(load.sustained());
            }
            found.sustainable = search.sustained();
            say("%s sustains %.1f records/s", contender.key(), found.sustainable);
            for (double share : SHARES) {
              if (share * best <= found.sustainable) {
                found.loads.add(load(traffic, share, share * best));
              }
            }
            if (LoadSchedule.MEAN_SHARE * best <= found.sustainable) {
              found.burst = burst(traffic, best);
            }
            found.scores = traffic.scoresByPair();
          });
    } catch (IOException | RuntimeException e) {
      // What was measured before stays: a contender must not leave the comparison at its limit.
      if (found.sustainable == 0) {
        absent.put(contender, String.valueOf(e.getMessage()));
      }
      say("%s failed: %s", contender.key(), e.getMessage());
    }
  }

  private Load load(Traffic traffic, double share, double rate) throws InterruptedException {
    int seconds = share == LoadSchedule.BASE ? times.halfLoadSeconds() : times.loadSeconds();
    return offer(traffic, share, rate, LoadSchedule.constant(rate, seconds));
  }

  private Load burst(Traffic traffic, double best) throws InterruptedException {
    long[] offsets = LoadSchedule.bursts(best);
    double rate = LoadSchedule.MEAN_SHARE * best;
    return offer(traffic, LoadSchedule.MEAN_SHARE, rate, offsets);
  }

  private Load offer(Traffic traffic, double share, double rate, long[] offsets)
      throws InterruptedException {
    int limit = (int) Math.max(MIN_LIMIT, LIMIT_SECONDS * rate);
    Sample sample = traffic.open(offsets, limit, DRAIN);
    boolean sustained = sample.sustained(offsets.length);
    Load load = new Load(share, rate, sample.achieved(), sustained, sample.percentiles());
    say(
        "  %.1f records/s: %s, %.1f came back, p50 %.0f ms, p99 %.0f ms",
        rate,
        sustained ? "sustained" : "not sustained",
        load.achieved(),
        load.millis().p50(),
        load.millis().p99());
    if (!traffic.awaitAll(DRAIN)) {
      throw new IllegalStateException(
          "%d records have no output after %d s."
              .formatted(traffic.outstanding(), 2 * DRAIN.toSeconds()));
    }
    return load;
  }

  /** Kills each kind of process of a contender once, and counts its committed outputs. */
  void kill(Contender contender) throws InterruptedException {
    Findings found = findings.get(contender);
    if (absent.containsKey(contender) || found.sustainable == 0) {
      return;
    }
    for (Victim victim : Entrant.victims(contender)) {
      try {
        with(
            contender,
            found.setting,
            true,
            times.warmUpSeconds(),
            (entrant, traffic) -> found.kills.add(kill(entrant, traffic, victim, found)));
      } catch (IOException | RuntimeException e) {
        found.kills.add(
            new Kill(victim.title(), 0, 0, 0, 0, firstLine(String.valueOf(e.getMessage()))));
        say("%s, %s: %s", contender.key(), victim.title(), e.getMessage());
      }
      say("%s: %s", contender.key(), found.kills.get(found.kills.size() - 1));
    }
  }

  private Kill kill(Entrant entrant, Traffic traffic, Victim victim, Findings found)
      throws InterruptedException {
    double rate = KILL_SHARE * found.sustainable;
    Throwable[] notKilled = new Throwable[1];
    Thread killer =
        new Thread(
            () -> {
              try {
                TimeUnit.SECONDS.sleep(times.killSeconds() / 3);
                entrant.kill(victim);
                TimeUnit.SECONDS.sleep(victim == Victim.SERVER ? SERVER_AWAY_SECONDS : 1);
                entrant.restart(victim);
              } catch (IOException | InterruptedException | RuntimeException e) {
                notKilled[0] = e;
              }
            },
            "killer");
    killer.start();
    long[] offsets = LoadSchedule.constant(rate, times.killSeconds());
    Sample sample = traffic.open(offsets, Integer.MAX_VALUE, KILL_PATIENCE);
    killer.join();
    if (notKilled[0] != null) {
      throw new IllegalStateException("Cannot kill and restart the " + victim, notKilled[0]);
    }
    // Doubled outputs may come later than the first one of each.
    TimeUnit.MILLISECONDS.sleep(2 * site.checkpointMillis());
    List<Integer> outputs = traffic.outputs();
    int lost = (int) outputs.stream().filter(times -> times == 0).count();
    int doubled = outputs.stream().mapToInt(times -> Math.max(0, times - 1)).sum();
    return new Kill(
        victim.title(), outputs.size(), lost, doubled, sample.longestGapSeconds(), null);
  }

  /** Starts a contender, warms it up, does something with it, and ends it. */
  private void with(
      Contender contender, Setting setting, boolean exactlyOnce, int warmUpSeconds, Part part)
      throws IOException, InterruptedException {
    String name = "%s-%s-%d".formatted(model.name(), contender.key(), started++);
    RaceTopics topics = new RaceTopics(name);
    broker.create(topics);
    Entrant.Plan plan =
        new Entrant.Plan(
            contender,
            setting,
            model,
            site,
            broker.bootstrapServers(),
            topics,
            exactlyOnce,
            folder.resolve(name));
    try (Entrant entrant = Entrant.start(plan);
        Traffic traffic = new Traffic(broker.bootstrapServers(), topics, pairs, exactlyOnce)) {
      watch.watch(entrant);
      try {
        traffic.warmUp(WARM_UP_RECORDS, START);
        if (warmUpSeconds > 0) {
          traffic.closed(Duration.ofSeconds(warmUpSeconds), DRAIN);
        }
        part.run(entrant, traffic);
      } catch (RuntimeException e) {
        throw new IOException("%s%n%s".formatted(e.getMessage(), entrant.tail()), e);
      } finally {
        Findings found = findings.get(contender);
        if (setting.equals(found.setting)) {
          found.scoringBytes = Math.max(found.scoringBytes, watch.peakScoringBytes());
          found.allBytes = Math.max(found.allBytes, watch.peakAllBytes());
        }
        watch.watch(null);
      }
    }
  }

  /**
   * Returns the highest rate of the others when records always wait; without others that of this
   * project.
   */
  double saturation() {
    double ofOthers = highestSaturation(false);
    return ofOthers > 0 ? ofOthers : highestSaturation(true);
  }

  private double highestSaturation(boolean ours) {
    return findings.entrySet().stream()
        .filter(found -> found.getKey().isOurs() == ours)
        .mapToDouble(found -> found.getValue().saturation)
        .max()
        .orElse(0);
  }

  /** Returns the contenders that ran so far. */
  List<Entry> entries() {
    float[] reference =
        findings.containsKey(Contender.OURS) ? findings.get(Contender.OURS).scores : new float[0];
    List<Entry> entries = new ArrayList<>();
    findings.forEach(
        (contender, found) -> {
          if (!absent.containsKey(contender) && found.saturation > 0) {
            entries.add(found.entry(contender, reference));
          }
        });
    return entries;
  }

  /** Returns the contenders that failed. */
  List<Absent> absent() {
    return absent.entrySet().stream()
        .map(one -> new Absent(one.getKey().key(), firstLine(one.getValue())))
        .toList();
  }

  /** Returns the contenders in the reverse order. */
  static List<Contender> reversed(List<Contender> contenders) {
    List<Contender> reversed = new ArrayList<>(contenders);
    Collections.reverse(reversed);
    return reversed;
  }

  /** The other lines are logs, which name folders of the machine. */
  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }

  private static void say(String format, Object... values) {
    System.out.printf(format + "%n", values);
  }
}
