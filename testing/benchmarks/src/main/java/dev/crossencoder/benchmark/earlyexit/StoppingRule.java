package dev.crossencoder.benchmark.earlyexit;

/**
 * Stops when no document that the main model has not scored is expected to reach the n best ones,
 * by a margin. The expectation is corrected by the mean error on the documents of the list that are
 * scored already.
 *
 * @param estimate the expected main score
 * @param n how many documents must be right
 * @param step after how many documents each decision is made: the size of a batch
 */
record StoppingRule(Estimate estimate, int n, int step) {
  /** The correction counts as if this many documents without an error had been scored before. */
  private static final double CAUTION = 4;

  /**
   * Returns how many documents the main model scores.
   *
   * @param margin what is added to an expected score; positive infinity to score all documents
   */
  int stop(ScoredList list, double margin) {
    double[] expected = estimate.of(list);
    double[] correction = corrections(list, expected);
    double[] nthBest = list.nthBest(n);
    for (int k = n; k < list.size(); k++) {
      if (isDecision(k) && nthBest[k] - expected[k] - correction[k] > margin) {
        return k;
      }
    }
    return list.size();
  }

  /**
   * Returns the smallest margin with which every bound holds, whenever the rule would stop: no
   * document that is not scored has more than its expected score plus the margin.
   */
  double marginOfBounds(ScoredList list) {
    double[] expected = estimate.of(list);
    double[] correction = corrections(list, expected);
    double margin = Double.NEGATIVE_INFINITY;
    double largestError = Double.NEGATIVE_INFINITY;
    for (int k = list.size() - 1; k >= n; k--) {
      largestError = Math.max(largestError, list.main()[k] - expected[k]);
      if (isDecision(k)) {
        margin = Math.max(margin, largestError - correction[k]);
      }
    }
    return margin;
  }

  /**
   * Returns the smallest margin with which the rule does not stop before the n best documents are
   * scored. It is at most {@link #marginOfBounds}: a bound may fail without a consequence.
   */
  double marginOfStop(ScoredList list) {
    double[] expected = estimate.of(list);
    double[] correction = corrections(list, expected);
    double[] nthBest = list.nthBest(n);
    double margin = Double.NEGATIVE_INFINITY;
    for (int k = n; k < list.needed(n); k++) {
      if (isDecision(k)) {
        margin = Math.max(margin, nthBest[k] - expected[k] - correction[k]);
      }
    }
    return margin;
  }

  private boolean isDecision(int k) {
    return k % step == 0;
  }

  /** Returns the correction after k documents, for each k below the size. */
  private static double[] corrections(ScoredList list, double[] expected) {
    double[] corrections = new double[list.size()];
    double sum = 0;
    for (int k = 1; k < corrections.length; k++) {
      sum += list.main()[k - 1] - expected[k - 1];
      corrections[k] = sum / (k + CAUTION);
    }
    return corrections;
  }
}
