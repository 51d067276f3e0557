package dev.crossencoder.cli.evaluate;

import dev.crossencoder.cli.command.Progress;
import dev.crossencoder.evaluation.labels.BinaryFigures;
import dev.crossencoder.evaluation.labels.ClassificationFigures;
import dev.crossencoder.evaluation.statistics.Difference;
import dev.crossencoder.evaluation.statistics.PairedBootstrap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Computes a report.
 *
 * @param first the first system
 * @param second the system it is compared with; null if there is none
 * @param bootstrap how they are compared; null if there is no second system
 */
record ReportBuilder(
    EvaluationTask task, PairScoring first, PairScoring second, PairedBootstrap bootstrap) {
  static ReportBuilder of(EvaluationTask task, PairScoring first) {
    return new ReportBuilder(task, first, null, null);
  }

  /** Returns the report of results that were recorded. */
  static Report recorded(EvaluationTask task, Outcomes outcomes) {
    return of(
            task,
            new PairScoring(
                new Report.EvaluatedSystem("recorded results", null, ""), outcomes, 0, 0, null))
        .report(Optional.empty());
  }

  ReportBuilder compare(PairScoring newSecond, PairedBootstrap newBootstrap) {
    return new ReportBuilder(task, first, newSecond, newBootstrap);
  }

  Report report() {
    return report(task.recorded());
  }

  private Report report(Optional<Outcomes> before) {
    Outcomes outcomes = first.outcomes();
    List<Report.Row> rows = new ArrayList<>();
    List<Difference> differences = second == null ? List.of() : differences();
    Map<String, Double> values = outcomes.values();
    Map<String, Double> valuesBefore = before.map(Outcomes::values).orElse(Map.of());
    Map<String, Double> others = second == null ? Map.of() : second.outcomes().values();
    for (String name : outcomes.figures()) {
      Double valueBefore = valuesBefore.get(name);
      double value = values.get(name);
      if (second == null) {
        rows.add(new Report.Row(name, value, valueBefore, null, null, null));
      } else if (others.containsKey(name)) {
        rows.add(
            new Report.Row(
                name,
                value,
                valueBefore,
                others.get(name),
                differences.get(outcomes.figures().indexOf(name)),
                null));
      }
    }
    ClassificationFigures confusion =
        second == null && outcomes instanceof LabelOutcomes labels
            ? labels.classificationFigures()
            : new ClassificationFigures(List.of(), List.of());
    return new Report(
        task.name(),
        first.system(),
        Optional.ofNullable(second).map(PairScoring::system),
        task.counts(),
        List.copyOf(rows),
        second == null ? thresholds(outcomes) : Map.of(),
        confusion.labels(),
        confusion.confusion(),
        notes(before));
  }

  /** The differences of the figures of the first system, in their order. */
  private List<Difference> differences() {
    try (Progress progress = Progress.start("Comparing", "resamples", bootstrap.resamples())) {
      return bootstrap.of(
          task.size(),
          first.outcomes().resampling(),
          second.outcomes().resampling(),
          progress::update);
    }
  }

  private static Map<String, Double> thresholds(Outcomes outcomes) {
    Map<String, Double> thresholds = new LinkedHashMap<>();
    if (outcomes instanceof ScoreOutcomes scores && scores.binary()) {
      BinaryFigures figures = scores.binaryFigures();
      thresholds.put(ScoreOutcomes.BEST_F1, figures.bestF1().threshold());
      thresholds.put(ScoreOutcomes.BEST_ACCURACY, figures.bestAccuracy().threshold());
    }
    return thresholds;
  }

  private List<String> notes(Optional<Outcomes> before) {
    List<String> notes = new ArrayList<>(task.notes());
    before.ifPresent(outcomes -> notes.addAll(outcomes.notes(" before reranking")));
    notes.addAll(first.outcomes().notes(second == null ? "" : " with A"));
    addTruncated(first, second == null ? "" : " with A", notes);
    if (second != null) {
      addTruncated(second, " with B", notes);
      notes.addAll(second.outcomes().notes(" with B"));
      notes.add(first.outcomes().agreement(second.outcomes()));
      notes.add(
          "Paired bootstrap: %,d resamples, seed %d."
              .formatted(bootstrap.resamples(), bootstrap.seed()));
      if (task.size() < PairedBootstrap.RELIABLE_SIZE) {
        notes.add(
            "There are only %d queries or pairs. Below %d, the intervals are too narrow and the p-values too small."
                .formatted(task.size(), PairedBootstrap.RELIABLE_SIZE));
      }
    }
    return List.copyOf(notes);
  }

  private static void addTruncated(PairScoring scoring, String with, List<String> notes) {
    if (scoring.truncated() > 0) {
      notes.add(
          "%,d of %,d pairs have more tokens than the model reads%s; a part of them was cut off."
              .formatted(scoring.truncated(), scoring.pairs(), with));
    }
  }
}
