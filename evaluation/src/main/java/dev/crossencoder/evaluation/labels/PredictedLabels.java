package dev.crossencoder.evaluation.labels;

import dev.crossencoder.evaluation.InvalidDataException;
import dev.crossencoder.evaluation.statistics.Resampling;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Gold and predicted labels as numbers, so that many resamples are counted quickly. As {@link
 * Resampling}: accuracy and macro F1.
 */
public final class PredictedLabels implements Resampling {
  /** More labels than any classifier has; a table of them could not be read. */
  private static final int MAX_LABELS = 1_000;

  private final List<String> labels;
  private final int[] gold;
  private final int[] predicted;

  private PredictedLabels(List<String> labels, int[] gold, int[] predicted) {
    this.labels = labels;
    this.gold = gold;
    this.predicted = predicted;
  }

  /**
   * Numbers labels.
   *
   * @param predicted the predicted label of each pair, in the order of {@code gold}
   * @throws InvalidDataException if there is no pair, or there are more than 1,000 labels
   */
  public static PredictedLabels of(List<String> gold, List<String> predicted) {
    Gold.check(gold.size(), predicted.size());
    TreeSet<String> all = new TreeSet<>(gold);
    int ofGold = all.size();
    all.addAll(predicted);
    if (all.size() > MAX_LABELS) {
      throw new InvalidDataException(
          "Cannot evaluate, there are %,d different labels, %,d of gold; at most %,d can be compared. The first are %s. Check that these are labels, not texts or ids."
              .formatted(
                  all.size(),
                  ofGold,
                  MAX_LABELS,
                  String.join(", ", all.stream().limit(3).toList())));
    }
    List<String> labels = List.copyOf(all);
    Map<String, Integer> indexes = new HashMap<>();
    labels.forEach(label -> indexes.put(label, indexes.size()));
    return new PredictedLabels(
        labels,
        gold.stream().mapToInt(indexes::get).toArray(),
        predicted.stream().mapToInt(indexes::get).toArray());
  }

  /** Counts all pairs. */
  public ClassificationFigures figures() {
    int[][] counts = new int[labels.size()][labels.size()];
    for (int i = 0; i < gold.length; i++) {
      counts[gold[i]][predicted[i]]++;
    }
    return new ClassificationFigures(
        labels, Arrays.stream(counts).map(row -> Arrays.stream(row).boxed().toList()).toList());
  }

  /** Labels that a resample lacks do not count in its macro F1. */
  @Override
  public double[] figures(int[] counts) {
    int[] correct = new int[labels.size()];
    int[] either = new int[labels.size()];
    int pairs = 0;
    int allCorrect = 0;
    for (int i = 0; i < counts.length; i++) {
      pairs += counts[i];
      either[gold[i]] += counts[i];
      either[predicted[i]] += counts[i];
      if (gold[i] == predicted[i]) {
        correct[gold[i]] += counts[i];
        allCorrect += counts[i];
      }
    }
    double sum = 0;
    int there = 0;
    for (int label = 0; label < correct.length; label++) {
      if (either[label] > 0) {
        sum += 2.0 * correct[label] / either[label];
        there++;
      }
    }
    return new double[] {(double) allCorrect / pairs, sum / there};
  }
}
