package dev.crossencoder.model.scoring;

import java.util.ArrayList;
import java.util.List;

/**
 * Divides the pairs of a call into shares, of which an idle thread takes the next one. Shares
 * become smaller towards the end, so that all threads finish at about the same time: guided
 * self-scheduling (Polychronopoulos and Kuck, IEEE Transactions on Computers C-36, 1987), here with
 * half a thread's part of what is left.
 */
final class Shares {
  /** The smallest share but the last. With fewer pairs per thread, all work on the same batch. */
  private static final int MIN_PAIRS = 4;

  /**
   * Some of the pairs.
   *
   * @param end exclusive
   */
  record Share(int start, int end) {}

  private Shares() {}

  /**
   * Divides pairs; one share if there are too few for all threads.
   *
   * @param maxPairs the largest share
   */
  static List<Share> of(int pairs, int threads, int maxPairs) {
    if (threads == 1 || pairs < MIN_PAIRS * threads) {
      return List.of(new Share(0, pairs));
    }
    List<Share> shares = new ArrayList<>();
    for (int start = 0; start < pairs; start = shares.get(shares.size() - 1).end()) {
      int part = (pairs - start) / (2 * threads);
      int size = Math.min(maxPairs, Math.max(MIN_PAIRS, part));
      shares.add(new Share(start, Math.min(pairs, start + size)));
    }
    return shares;
  }
}
