package dev.crossencoder.job.shadow;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.ToDoubleBiFunction;

/**
 * The last records that two models have scored, and how their scores agree. The rank correlations
 * are those of the records' scores among each other; if records have lists, the mean over the lists
 * of those within a list. Thread-safe.
 */
final class ShadowWindow {
  static final int RECORDS = 1_000;

  private final Deque<Compared> last = new ArrayDeque<>();

  /**
   * The scores of one record by both models.
   *
   * @param first the first model's; one score, or those of a list
   * @param second the second model's, in the same order
   * @param agrees whether both have the same label, or the same best document
   */
  record Compared(double[] first, double[] second, boolean agrees) {}

  /** Adds a record, and removes the oldest one if there are too many. */
  synchronized void add(Compared record) {
    if (last.size() == RECORDS) {
      last.remove();
    }
    last.add(record);
  }

  private synchronized List<Compared> records() {
    return new ArrayList<>(last);
  }

  /** The mean of the second model's score minus the first one's; NaN without records. */
  double meanDifference() {
    double sum = 0;
    int count = 0;
    for (Compared record : records()) {
      for (int i = 0; i < record.first().length; i++) {
        sum += record.second()[i] - record.first()[i];
        count++;
      }
    }
    return sum / count;
  }

  /** The share of the records about which both models agree; NaN without records. */
  double agreement() {
    List<Compared> records = records();
    return (double) records.stream().filter(Compared::agrees).count() / records.size();
  }

  /** Kendall's tau-b; NaN if it is not defined. */
  double kendall() {
    return correlation(RankCorrelation::kendall);
  }

  /** Spearman's rho; NaN if it is not defined. */
  double spearman() {
    return correlation(RankCorrelation::spearman);
  }

  private double correlation(ToDoubleBiFunction<double[], double[]> of) {
    List<Compared> records = records();
    List<Compared> single = records.stream().filter(record -> record.first().length == 1).toList();
    if (!single.isEmpty()) {
      return of.applyAsDouble(
          single.stream().mapToDouble(record -> record.first()[0]).toArray(),
          single.stream().mapToDouble(record -> record.second()[0]).toArray());
    }
    return records.stream()
        .mapToDouble(record -> of.applyAsDouble(record.first(), record.second()))
        .filter(value -> !Double.isNaN(value))
        .average()
        .orElse(Double.NaN);
  }
}
