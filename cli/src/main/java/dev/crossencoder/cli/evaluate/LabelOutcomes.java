package dev.crossencoder.cli.evaluate;

import dev.crossencoder.evaluation.labels.ClassificationFigures;
import java.util.Arrays;
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
  public double figure(String name, int[] sample) {
    ClassificationFigures figures =
        ClassificationFigures.of(
            Arrays.stream(sample).mapToObj(gold::get).toList(),
            Arrays.stream(sample).mapToObj(predicted::get).toList());
    return name.equals(ACCURACY) ? figures.accuracy() : figures.macroF1();
  }

  @Override
  public String agreement(Outcomes other) {
    List<String> others = ((LabelOutcomes) other).predicted();
    long same =
        IntStream.range(0, size()).filter(i -> predicted.get(i).equals(others.get(i))).count();
    return "The label is the same for %,d of %,d pairs.".formatted(same, size());
  }
}
