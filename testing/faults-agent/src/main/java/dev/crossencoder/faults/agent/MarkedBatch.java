package dev.crossencoder.faults.agent;

import java.util.List;

/**
 * What waits for the pairs of a forward pass.
 *
 * @param rows the marks of each pair
 * @param batchPairs the pairs of the batch that the pass is a part of
 */
record MarkedBatch(List<List<Mark>> rows, int batchPairs) {
  boolean isMarked() {
    return rows.stream().anyMatch(marks -> !marks.isEmpty());
  }

  MarkedBatch part(int first, int end) {
    return new MarkedBatch(rows.subList(first, end), batchPairs);
  }

  /** Whether a fault is to happen now, which is then said. */
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
