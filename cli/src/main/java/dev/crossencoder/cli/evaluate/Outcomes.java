package dev.crossencoder.cli.evaluate;

import dev.crossencoder.evaluation.statistics.Resampling;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a system did on each query or pair, from which the figures of any sample follow. */
interface Outcomes {
  /** The number of queries or pairs. */
  int size();

  /** The names of the figures. */
  List<String> figures();

  /** Returns what computes the figures of resamples, in the order of {@link #figures}. */
  Resampling resampling();

  /** Computes the figures of all queries or pairs, by their names. */
  default Map<String, Double> values() {
    int[] counts = new int[size()];
    Arrays.fill(counts, 1);
    double[] computed = resampling().figures(counts);
    List<String> names = figures();
    Map<String, Double> values = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      values.put(names.get(i), computed[i]);
    }
    return values;
  }

  /** How much the outcomes of another system on the same queries or pairs agree, as a sentence. */
  String agreement(Outcomes other);

  /**
   * What the reader of the figures must know about the outcomes, as sentences.
   *
   * @param which says which outcomes, such as " with B"
   */
  default List<String> notes(String which) {
    return List.of();
  }
}
