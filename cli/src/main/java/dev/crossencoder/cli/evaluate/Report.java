package dev.crossencoder.cli.evaluate;

import dev.crossencoder.evaluation.statistics.Difference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The figures of a model on data.
 *
 * @param task what was evaluated
 * @param system the model, or what else has the results
 * @param compared the system it is compared with, if there is one
 * @param counts how much data there is
 * @param rows the figures
 * @param thresholds the thresholds of best figures, by name
 * @param labels the labels of the confusion matrix; empty if there is none
 * @param confusion the number of pairs by gold label (row) and predicted label (column)
 * @param notes sentences
 */
record Report(
    String task,
    EvaluatedSystem system,
    Optional<EvaluatedSystem> compared,
    Map<String, Integer> counts,
    List<Row> rows,
    Map<String, Double> thresholds,
    List<String> labels,
    List<List<Integer>> confusion,
    List<String> notes) {
  /**
   * What was evaluated.
   *
   * @param name the name of the model, or where results were recorded
   * @param revision the digest of its bundle; null if there is no model
   * @param options the options that differ from the first system; empty for the first one
   */
  record EvaluatedSystem(String name, String revision, String options) {
    /** The name with the options. */
    String title() {
      return options.isEmpty() ? name : name + ", " + options;
    }
  }

  /**
   * A figure.
   *
   * @param before the figure before reranking; null if there is none
   * @param other the figure of the compared system; null if there is none
   * @param difference other minus value; null if there is none
   * @param published the figure that was published for the model; null if there is none
   */
  record Row(
      String name,
      double value,
      Double before,
      Double other,
      Difference difference,
      Double published) {
    Row withPublished(double newPublished) {
      return new Row(name, value, before, other, difference, newPublished);
    }
  }

  /** Returns the report with one more note. */
  Report withNote(String note) {
    List<String> more = new ArrayList<>(notes);
    more.add(note);
    return new Report(
        task, system, compared, counts, rows, thresholds, labels, confusion, List.copyOf(more));
  }

  /** Returns the report with the published value of a figure. */
  Report withPublished(String figure, double published) {
    return new Report(
        task,
        system,
        compared,
        counts,
        rows.stream()
            .map(row -> row.name().equals(figure) ? row.withPublished(published) : row)
            .toList(),
        thresholds,
        labels,
        confusion,
        notes);
  }
}
