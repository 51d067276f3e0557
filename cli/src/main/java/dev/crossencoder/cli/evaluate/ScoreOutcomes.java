package dev.crossencoder.cli.evaluate;

import dev.crossencoder.evaluation.InvalidDataException;
import dev.crossencoder.evaluation.labels.BinaryFigures;
import dev.crossencoder.evaluation.labels.SimilarityFigures;
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
  /** The threshold of {@code accuracy}, as in sentence-transformers. */
  private static final double THRESHOLD = 0.5;

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
    return binaryFigures(gold, scores);
  }

  private static BinaryFigures binaryFigures(double[] gold, double[] scores) {
    return BinaryFigures.of(Arrays.stream(gold).mapToObj(value -> value == 1).toList(), scores);
  }

  @Override
  public double figure(String name) {
    return compute(name, gold, scores);
  }

  @Override
  public double figure(String name, int[] sample) {
    double[] sampledGold = Arrays.stream(sample).mapToDouble(i -> gold[i]).toArray();
    double[] sampledScores = Arrays.stream(sample).mapToDouble(i -> scores[i]).toArray();
    try {
      return compute(name, sampledGold, sampledScores);
    } catch (InvalidDataException e) {
      return Double.NaN;
    }
  }

  private static double compute(String name, double[] gold, double[] scores) {
    return switch (name) {
      case AVERAGE_PRECISION -> binaryFigures(gold, scores).averagePrecision();
      case BEST_F1 -> binaryFigures(gold, scores).bestF1().value();
      case BEST_ACCURACY -> binaryFigures(gold, scores).bestAccuracy().value();
      case ACCURACY -> accuracy(gold, scores);
      case PEARSON -> SimilarityFigures.of(gold, scores).pearson();
      case SPEARMAN -> SimilarityFigures.of(gold, scores).spearman();
      default -> throw new IllegalArgumentException("Invalid figure: " + name + ".");
    };
  }

  private static double accuracy(double[] gold, double[] scores) {
    int correct = 0;
    for (int i = 0; i < gold.length; i++) {
      correct += (scores[i] > THRESHOLD) == (gold[i] == 1) ? 1 : 0;
    }
    return (double) correct / gold.length;
  }

  @Override
  public String agreement(Outcomes other) {
    double[] others = ((ScoreOutcomes) other).scores();
    return String.format(
        Locale.ROOT,
        "The scores of both correlate with %.4f (Spearman).",
        SimilarityFigures.of(scores, others).spearman());
  }
}
