package dev.crossencoder.benchmark.earlyexit;

import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * The expected score of the main model by the score of the first model: an isotonic regression on
 * the score itself, or on its distance to the best one of the list, whichever has the smaller error
 * on the lists to which it is fitted.
 *
 * @param relative whether the distance is used
 */
record Estimate(IsotonicRegression regression, boolean relative) {
  /** Fits an estimate to at least one list. */
  static Estimate fit(List<ScoredList> lists) {
    Estimate absolute = fit(lists, false);
    Estimate relative = fit(lists, true);
    return absolute.squaredError(lists) <= relative.squaredError(lists) ? absolute : relative;
  }

  private static Estimate fit(List<ScoredList> lists, boolean relative) {
    double[] x = lists.stream().flatMapToDouble(list -> stream(list, relative)).toArray();
    double[] y = lists.stream().flatMapToDouble(list -> Arrays.stream(list.main())).toArray();
    return new Estimate(IsotonicRegression.fit(x, y), relative);
  }

  private static DoubleStream stream(ScoredList list, boolean relative) {
    double best = relative && list.size() > 0 ? list.first()[0] : 0;
    return Arrays.stream(list.first()).map(score -> score - best);
  }

  private double squaredError(List<ScoredList> lists) {
    double error = 0;
    for (ScoredList list : lists) {
      double[] expected = of(list);
      for (int i = 0; i < expected.length; i++) {
        error += Math.pow(list.main()[i] - expected[i], 2);
      }
    }
    return error;
  }

  /** Returns the expected main scores of a list; they never increase. */
  double[] of(ScoredList list) {
    return stream(list, relative).map(regression::at).toArray();
  }
}
