package dev.crossencoder.evaluation.data;

import java.util.ArrayList;
import java.util.List;

/** Collects the pairs of one file. Owned by one thread. */
final class PairCollector {
  private final List<LabelledPair> pairs = new ArrayList<>();
  private final Problems incomplete;

  PairCollector(PairColumns columns) {
    this.incomplete =
        new Problems(
            "%,d pairs are not complete",
            columns.result().isPresent()
                ? "A pair has a label and a result."
                : "A pair has two texts and a label.");
  }

  void add(LabelledPair pair, String where) {
    if (pair == null) {
      incomplete.add(where);
    } else {
      pairs.add(pair);
    }
  }

  List<LabelledPair> pairs(TextFile file) {
    incomplete.throwIfAny(file);
    return List.copyOf(pairs);
  }
}
