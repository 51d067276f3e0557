package dev.crossencoder.faults.agent;

import java.util.List;

/**
 * The marks of the pairs of a forward pass.
 *
 * @param rows the marks of each pair
 * @param batchPairs the number of pairs of the whole batch
 */
record MarkedBatch(List<List<Mark>> rows, int batchPairs) {
  boolean isMarked() {
    return rows.stream().anyMatch(marks -> !marks.isEmpty());
  }

  MarkedBatch part(int first, int end) {
    return new MarkedBatch(rows.subList(first, end), batchPairs);
  }

  /** Returns whether a fault must occur now, and logs it. */
  boolean claims(Mark mark) {
    boolean claimed = mark.claim();
    if (claimed) {
      System.err.printf(
          "Injected fault %s into a forward pass of %d pairs, of a batch of %d%n",
          mark.fault().argument(), rows.size(), batchPairs);
    }
    return claimed;
  }
}
