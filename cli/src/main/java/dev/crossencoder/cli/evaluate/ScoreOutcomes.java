package dev.crossencoder.cli.evaluate;

import dev.crossencoder.evaluation.labels.BinaryFigures;
import dev.crossencoder.evaluation.labels.BinaryScores;
import dev.crossencoder.evaluation.labels.SimilarityFigures;
import dev.crossencoder.evaluation.labels.SimilarityScores;
import dev.crossencoder.evaluation.statistics.Resampling;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The score of each pair.
 *
 * @param binary whether gold is 0 or 1, so that scores shall separate pairs; else scores shall
 *     correlate with it
 * @param gold numbers
 */
record ScoreOutcomes(boolean binary, double[] gold, double[] scores) implements Outcomes {
  private static final String ACCURACY = "accuracy";
  private static final String AVERAGE_PRECISION = "average-precision";
  static final String BEST_F1 = "best-f1";
  static final String BEST_ACCURACY = "best-accuracy";
  private static final String PEARSON = "pearson";
  private static final String SPEARMAN = "spearman";

  /** The last one only if all scores are probabilities. */
  static final List<String> BINARY_FIGURES =
      List.of(AVERAGE_PRECISION, BEST_F1, BEST_ACCURACY, ACCURACY);

  static final List<String> SIMILARITY_FIGURES = List.of(PEARSON, SPEARMAN);

  @Override
  public int size() {
    return gold.length;
  }

  /** Whether all scores are from 0 to 1, as accuracy at the threshold 0.5 needs it. */
  boolean probabilities() {
    return Arrays.stream(scores).allMatch(score -> score >= 0 && score <= 1);
  }

  @Override
  public List<String> figures() {
    if (!binary) {
      return SIMILARITY_FIGURES;
    }
    return probabilities()
        ? BINARY_FIGURES
        : BINARY_FIGURES.subList(0, BINARY_FIGURES.indexOf(ACCURACY));
  }

  /** Computes the binary figures of all pairs. */
  BinaryFigures binaryFigures() {
    return binaryScores().figures();
  }

  private BinaryScores binaryScores() {
    return BinaryScores.of(Arrays.stream(gold).mapToObj(value -> value == 1).toList(), scores);
  }

  /** Its figures are those of {@link #BINARY_FIGURES}, also if accuracy is not shown. */
  @Override
  public Resampling resampling() {
    return binary ? binaryScores() : SimilarityScores.of(gold, scores);
  }

  @Override
  public String agreement(Outcomes other) {
    double[] others = ((ScoreOutcomes) other).scores();
    return String.format(
        Locale.ROOT,
        "The scores of both correlate with %.4f (Spearman).",
        SimilarityFigures.of(scores, others).spearman());
  }

  @Override
  public List<String> notes(String which) {
    return binary && !probabilities()
        ? List.of(
            "There is no %s%s: the scores are not all from 0 to 1.".formatted(ACCURACY, which))
        : List.of();
  }
}
