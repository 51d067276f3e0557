package dev.crossencoder.benchmark.quality;

import dev.crossencoder.evaluation.statistics.Resampling;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import java.util.List;
import java.util.OptionalDouble;

/** Data with gold on which no model of this project was trained. */
public interface HeldOut {
  /** The name of the figure, as in {@code evaluate}. */
  String figure();

  /** What is resampled: queries or pairs. */
  String unit();

  /** The number of queries or pairs. */
  int size();

  /** The figure without a model: that of the ranking of a search. */
  OptionalDouble before();

  /** The pairs that a model scores. */
  List<TextPair> pairs();

  /**
   * Returns what computes the figure of resamples, as its first one.
   *
   * @param scores of {@link #pairs}, in their order
   */
  Resampling resampling(List<Score> scores);
}
