package dev.crossencoder.benchmark.quality;

import dev.crossencoder.benchmark.quality.QualityResult.Change;
import dev.crossencoder.benchmark.quality.QualityResult.Row;
import dev.crossencoder.benchmark.quality.QualityResult.Skipped;
import dev.crossencoder.evaluation.statistics.Difference;
import dev.crossencoder.evaluation.statistics.PairedBootstrap;
import dev.crossencoder.evaluation.statistics.Resampling;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Scores held-out data in all settings, one after the other, and compares each with the first one.
 * Owned by one thread.
 */
public final class QualityMeasurement {
  /** How many pairs are scored before the time counts. */
  static final int WARM_UP = 160;

  /**
   * The share of all cores from which other processes disturb a pass, so that the setting is
   * measured again, once.
   */
  static final double DISTURBED = 0.05;

  /** How many pairs are scored by one call. */
  private static final int CALL = 256;

  /** What other processes do meanwhile. */
  public interface Others {
    /** Begins to watch. */
    void watch() throws IOException;

    /** Returns the share of all cores that they have used since. */
    double share() throws IOException;
  }

  private final HeldOut data;
  private final Function<Setting, Scorer> models;
  private final LongSupplier nanoTime;
  private final Others others;
  private final List<Row> rows = new ArrayList<>();
  private final List<Skipped> skipped = new ArrayList<>();
  private int[] tokens = {};
  private Resampling base;

  /**
   * Creates a measurement.
   *
   * @param models opens the model in a setting
   * @param nanoTime a clock
   */
  public QualityMeasurement(
      HeldOut data, Function<Setting, Scorer> models, LongSupplier nanoTime, Others others) {
    this.data = data;
    this.models = models;
    this.nanoTime = nanoTime;
    this.others = others;
  }

  /** Measures all settings that have an effect on these data. */
  public void run(List<Setting> settings) throws IOException {
    for (Setting setting : settings) {
      Optional<String> reason =
          rows.isEmpty()
              ? Optional.empty()
              : setting.withoutEffect(tokens, rows.get(0).truncated());
      if (reason.isPresent()) {
        skipped.add(new Skipped(setting.name(), reason.get()));
      } else {
        measure(setting);
      }
    }
  }

  private void measure(Setting setting) throws IOException {
    Pass pass;
    try (Scorer model = models.apply(setting)) {
      List<TextPair> pairs = data.pairs();
      if (rows.isEmpty()) {
        tokens = pairs.stream().mapToInt(model::tokens).toArray();
      }
      var unused = model.score(pairs.subList(0, Math.min(WARM_UP, pairs.size())));
      pass = pass(model, pairs);
      if (pass.otherCpuShare() > DISTURBED) {
        Pass again = pass(model, pairs);
        pass = again.otherCpuShare() < pass.otherCpuShare() ? again : pass;
      }
    }
    if (!pass.scores().stream().allMatch(Score::isFinite)) {
      throw new IllegalStateException(
          "Cannot measure %s, a score is NaN or infinite.".formatted(setting.name()));
    }
    Resampling resampling = data.resampling(pass.scores());
    base = base == null ? resampling : base;
    int[] once = new int[data.size()];
    Arrays.fill(once, 1);
    rows.add(
        new Row(
            setting.name(),
            resampling.figures(once)[0],
            rows.isEmpty() ? null : change(resampling),
            pass.seconds(),
            pass.scores().stream().filter(Score::truncated).count(),
            pass.otherCpuShare()));
  }

  /** The scores of all pairs, with the time that they took. */
  private record Pass(List<Score> scores, double seconds, double otherCpuShare) {}

  private Pass pass(Scorer model, List<TextPair> pairs) throws IOException {
    List<Score> scores = new ArrayList<>(pairs.size());
    others.watch();
    long start = nanoTime.getAsLong();
    for (int from = 0; from < pairs.size(); from += CALL) {
      scores.addAll(model.score(pairs.subList(from, Math.min(from + CALL, pairs.size()))));
    }
    return new Pass(scores, (nanoTime.getAsLong() - start) / 1e9, others.share());
  }

  private Change change(Resampling other) {
    Difference difference = PairedBootstrap.DEFAULT.of(data.size(), base, other, done -> {}).get(0);
    return new Change(difference.value(), difference.low(), difference.high(), difference.pValue());
  }

  /** The settings that were measured. */
  public List<Row> rows() {
    return List.copyOf(rows);
  }

  /** The settings that were not. */
  public List<Skipped> skipped() {
    return List.copyOf(skipped);
  }

  /** The mean number of tokens of a pair. */
  public double meanTokens() {
    return Arrays.stream(tokens).average().orElse(0);
  }

  /** The number of tokens of the longest pair. */
  public int longest() {
    return Arrays.stream(tokens).max().orElse(0);
  }
}
