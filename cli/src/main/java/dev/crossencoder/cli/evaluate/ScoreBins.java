package dev.crossencoder.cli.evaluate;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Pairs by their scores, in ten bins of equal width: from 0 to 1 if all scores are, else from the
 * lowest to the highest score.
 *
 * @param low the lower end of the first bin
 * @param width of a bin
 * @param positives the number of pairs with gold 1, by bin
 * @param negatives the number of pairs with gold 0, by bin
 * @param sums the sum of the scores, by bin
 */
record ScoreBins(
    double low, double width, List<Integer> positives, List<Integer> negatives, double[] sums) {
  private static final int BINS = 10;

  static ScoreBins of(ScoreOutcomes outcomes) {
    double[] scores = outcomes.scores();
    boolean shares = outcomes.probabilities();
    double low = shares ? 0 : Arrays.stream(scores).min().orElseThrow();
    double high = shares ? 1 : Arrays.stream(scores).max().orElseThrow();
    double width = (high - low) / BINS;
    Integer[] positives = new Integer[BINS];
    Integer[] negatives = new Integer[BINS];
    double[] sums = new double[BINS];
    Arrays.fill(positives, 0);
    Arrays.fill(negatives, 0);
    for (int i = 0; i < scores.length; i++) {
      int bin = Math.min(BINS - 1, (int) ((scores[i] - low) / width));
      if (outcomes.gold()[i] == 1) {
        positives[bin]++;
      } else {
        negatives[bin]++;
      }
      sums[bin] += scores[i];
    }
    return new ScoreBins(low, width, List.of(positives), List.of(negatives), sums);
  }

  /** The middle of each bin, with as many decimals as distinguish bins. */
  List<Double> centres() {
    int decimals = Math.max(2, 1 - (int) Math.floor(Math.log10(width)));
    return IntStream.range(0, BINS)
        .mapToObj(
            bin ->
                BigDecimal.valueOf(low + (bin + 0.5) * width)
                    .setScale(decimals, RoundingMode.HALF_UP)
                    .doubleValue())
        .toList();
  }

  /** The bins that have pairs. */
  int[] filled() {
    return IntStream.range(0, BINS).filter(bin -> pairs(bin) > 0).toArray();
  }

  double meanScore(int bin) {
    return sums[bin] / pairs(bin);
  }

  double positiveShare(int bin) {
    return (double) positives.get(bin) / pairs(bin);
  }

  private int pairs(int bin) {
    return positives.get(bin) + negatives.get(bin);
  }
}
