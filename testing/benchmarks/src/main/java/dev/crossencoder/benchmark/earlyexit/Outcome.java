package dev.crossencoder.benchmark.earlyexit;

import java.util.List;

/**
 * How many documents the main model scored, list by list, and what it led to.
 *
 * @param lists how many lists were tested, those of all divisions together
 * @param scored the mean number of documents that the main model scored
 * @param share that number by the mean size of a list
 * @param right the share of lists whose n best documents are those of the full ranking
 * @param ndcg the mean NDCG@10
 */
record Outcome(int lists, double scored, double share, double right, double ndcg) {
  /** Returns the outcome of scoring a number of documents of each list. */
  static Outcome of(List<ScoredList> lists, int[] scored, int n) {
    double documents = 0;
    double size = 0;
    double right = 0;
    double ndcg = 0;
    for (int i = 0; i < scored.length; i++) {
      ScoredList list = lists.get(i);
      documents += scored[i];
      size += list.size();
      right += scored[i] >= list.needed(n) ? 1 : 0;
      ndcg += list.ndcg()[scored[i]];
    }
    return new Outcome(
        scored.length,
        documents / scored.length,
        documents / size,
        right / scored.length,
        ndcg / scored.length);
  }

  /**
   * Returns the outcome of a fixed number for each list, interpolated between the whole numbers
   * beside it.
   */
  static Outcome ofKeep(List<ScoredList> lists, double keep, int n) {
    int below = (int) Math.floor(keep);
    Outcome low = ofWholeKeep(lists, below, n);
    Outcome high = ofWholeKeep(lists, below + 1, n);
    double part = keep - below;
    return new Outcome(
        lists.size(),
        mix(low.scored, high.scored, part),
        mix(low.share, high.share, part),
        mix(low.right, high.right, part),
        mix(low.ndcg, high.ndcg, part));
  }

  private static Outcome ofWholeKeep(List<ScoredList> lists, int keep, int n) {
    return of(lists, lists.stream().mapToInt(list -> Math.min(keep, list.size())).toArray(), n);
  }

  private static double mix(double low, double high, double part) {
    return low + part * (high - low);
  }
}
