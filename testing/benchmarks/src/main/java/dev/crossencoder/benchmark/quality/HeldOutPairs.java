package dev.crossencoder.benchmark.quality;

import dev.crossencoder.evaluation.data.LabelledPair;
import dev.crossencoder.evaluation.labels.BinaryScores;
import dev.crossencoder.evaluation.labels.PredictedLabels;
import dev.crossencoder.evaluation.statistics.Resampling;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Labelled pairs: the accuracy of a model with several labels, or the average precision of one with
 * a single label, for which gold is 0 or 1.
 */
record HeldOutPairs(List<LabelledPair> labelled, boolean binary) implements HeldOut {
  HeldOutPairs {
    labelled = List.copyOf(labelled);
  }

  @Override
  public String figure() {
    return binary ? "average-precision" : "accuracy";
  }

  @Override
  public String unit() {
    return "pairs";
  }

  @Override
  public int size() {
    return labelled.size();
  }

  @Override
  public OptionalDouble before() {
    return OptionalDouble.empty();
  }

  @Override
  public List<TextPair> pairs() {
    return labelled.stream().map(LabelledPair::pair).toList();
  }

  @Override
  public Resampling resampling(List<Score> scores) {
    return binary
        ? BinaryScores.of(
            labelled.stream().map(pair -> pair.label().equals("1")).toList(),
            scores.stream().mapToDouble(Score::score).toArray())
        : PredictedLabels.of(
            labelled.stream().map(LabelledPair::label).toList(),
            scores.stream().map(Score::label).toList());
  }
}
