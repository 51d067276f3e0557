package dev.crossencoder.benchmark.earlyexit;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.stream.IntStream;

/**
 * The documents of one query in the order of the first model, best first, in which the main model
 * scores them.
 *
 * @param first the scores of the first model, descending
 * @param main the scores of the main model
 * @param ndcg {@code [size + 1]}: the quality if the main model scores the first k documents only;
 *     they come first, in its order, and the others follow in that of the first model
 */
public record ScoredList(double[] first, double[] main, double[] ndcg) {
  /** Returns the indices of documents in the order of a first model. Ties keep their order. */
  static int[] order(double[] first) {
    return IntStream.range(0, first.length)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer i) -> first[i]).reversed())
        .mapToInt(Integer::intValue)
        .toArray();
  }

  int size() {
    return main.length;
  }

  /**
   * Returns the n-th best main score among the first k documents, for each k up to the size;
   * negative infinity while there are fewer than n.
   */
  double[] nthBest(int n) {
    double[] nthBest = new double[size() + 1];
    PriorityQueue<Double> best = new PriorityQueue<>();
    nthBest[0] = Double.NEGATIVE_INFINITY;
    for (int k = 1; k <= size(); k++) {
      best.add(main[k - 1]);
      if (best.size() > n) {
        best.remove();
      }
      nthBest[k] = best.size() < n ? Double.NEGATIVE_INFINITY : best.element();
    }
    return nthBest;
  }

  /** Returns the smallest k for which the first k documents contain the n best of the list. */
  int needed(int n) {
    double[] nthBest = nthBest(n);
    int needed = Math.min(n, size());
    while (nthBest[needed] < nthBest[size()]) {
      needed++;
    }
    return needed;
  }
}
