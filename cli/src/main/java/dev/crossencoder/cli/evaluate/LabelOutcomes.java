package dev.crossencoder.cli.evaluate;

import dev.crossencoder.evaluation.labels.ClassificationFigures;
import dev.crossencoder.evaluation.labels.PredictedLabels;
import dev.crossencoder.evaluation.statistics.Resampling;
import java.util.List;
import java.util.stream.IntStream;

/** The predicted label of each pair. */
record LabelOutcomes(List<String> gold, List<String> predicted) implements Outcomes {
  private static final String ACCURACY = "accuracy";
  private static final String MACRO_F1 = "macro-f1";
  static final List<String> FIGURES = List.of(ACCURACY, MACRO_F1);

  @Override
  public int size() {
    return gold.size();
  }

  @Override
  public List<String> figures() {
    return FIGURES;
  }

  /** Counts all pairs. */
  ClassificationFigures classificationFigures() {
    return ClassificationFigures.of(gold, predicted);
  }

  @Override
  public Resampling resampling() {
    return PredictedLabels.of(gold, predicted);
  }

  @Override
  public String agreement(Outcomes other) {
    List<String> others = ((LabelOutcomes) other).predicted();
    long same =
        IntStream.range(0, size()).filter(i -> predicted.get(i).equals(others.get(i))).count();
    return "The label is the same for %,d of %,d pairs.".formatted(same, size());
  }
}
