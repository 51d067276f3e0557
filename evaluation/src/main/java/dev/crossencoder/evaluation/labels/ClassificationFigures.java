package dev.crossencoder.evaluation.labels;

import dev.crossencoder.evaluation.InvalidDataException;
import java.util.List;

/**
 * How often predicted labels are the gold ones.
 *
 * @param labels the labels of the gold and of the predictions, sorted
 * @param confusion the confusion matrix: for each gold label (row), the number of pairs with each
 *     predicted label (column), both in the order of {@code labels}
 */
public record ClassificationFigures(List<String> labels, List<List<Integer>> confusion) {
  public ClassificationFigures {
    labels = List.copyOf(labels);
    confusion = confusion.stream().map(List::copyOf).toList();
  }

  /**
   * Counts pairs of labels.
   *
   * @param predicted the predicted label of each pair, in the order of {@code gold}
   * @throws InvalidDataException if there is no pair, or there are more than 1,000 labels
   */
  public static ClassificationFigures of(List<String> gold, List<String> predicted) {
    return PredictedLabels.of(gold, predicted).figures();
  }

  /** The number of pairs. */
  public int pairs() {
    return confusion.stream().flatMap(List::stream).mapToInt(Integer::intValue).sum();
  }

  /** The share of pairs whose predicted label is the gold one. */
  public double accuracy() {
    int correct = 0;
    for (int i = 0; i < labels.size(); i++) {
      correct += confusion.get(i).get(i);
    }
    return (double) correct / pairs();
  }

  /**
   * F1 of a label: 2 TP / (2 TP + FP + FN), 0 if the label is never predicted correctly.
   *
   * @param index of the label in {@code labels}
   */
  public double f1(int index) {
    int correct = confusion.get(index).get(index);
    int gold = confusion.get(index).stream().mapToInt(Integer::intValue).sum();
    int predicted = confusion.stream().mapToInt(row -> row.get(index)).sum();
    return 2.0 * correct / (gold + predicted);
  }

  /**
   * The mean of F1 over {@code labels}, as scikit-learn's {@code f1_score(average="macro",
   * zero_division=0)}. A label of the model that is neither gold nor predicted does not count.
   *
   * @see <a
   *     href="https://scikit-learn.org/stable/modules/generated/sklearn.metrics.f1_score.html">f1_score</a>
   */
  public double macroF1() {
    double sum = 0;
    for (int i = 0; i < labels.size(); i++) {
      sum += f1(i);
    }
    return sum / labels.size();
  }
}
