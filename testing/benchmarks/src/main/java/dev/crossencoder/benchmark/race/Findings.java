package dev.crossencoder.benchmark.race;

import dev.crossencoder.benchmark.race.RaceResult.Entry;
import dev.crossencoder.benchmark.race.RaceResult.Kill;
import dev.crossencoder.benchmark.race.RaceResult.Load;
import dev.crossencoder.benchmark.race.RaceResult.Scores;
import dev.crossencoder.benchmark.race.RaceResult.Tried;
import java.util.ArrayList;
import java.util.List;

/** What is known about a contender so far. The components are those of {@link Entry}. */
final class Findings {
  final List<Tried> tried = new ArrayList<>();
  final List<Load> search = new ArrayList<>();
  final List<Load> loads = new ArrayList<>();
  final List<Kill> kills = new ArrayList<>();
  Setting setting;
  double saturation;
  double sustainable;
  Load burst;
  long scoringBytes;
  long allBytes;

  /** The last score of each pair; NaN where there is none. */
  float[] scores = new float[0];

  /**
   * Returns the result.
   *
   * @param reference the scores of this project
   */
  Entry entry(Contender contender, float[] reference) {
    return new Entry(
        contender.key(),
        setting.toString(),
        List.copyOf(tried),
        saturation,
        sustainable,
        List.copyOf(search),
        List.copyOf(loads),
        burst,
        scoringBytes,
        allBytes,
        contender == Contender.OURS ? null : compare(reference, scores),
        List.copyOf(kills));
  }

  /** Compares the scores of pairs that have both; null if none has. */
  static Scores compare(float[] reference, float[] scores) {
    int compared = 0;
    double largest = 0;
    for (int i = 0; i < Math.min(reference.length, scores.length); i++) {
      if (!Float.isNaN(reference[i]) && !Float.isNaN(scores[i])) {
        compared++;
        largest =
            Math.max(
                largest, Math.abs(reference[i] - scores[i]) / Math.max(1, Math.abs(reference[i])));
      }
    }
    return compared == 0 ? null : new Scores(compared, largest);
  }
}
