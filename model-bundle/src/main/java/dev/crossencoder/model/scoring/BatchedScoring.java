package dev.crossencoder.model.scoring;

import dev.crossencoder.model.BatchFill;
import dev.crossencoder.model.BatchLimits;
import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;

/**
 * Scores pairs in consecutive batches within limits. A batch has parts of several pairs. Owned by
 * one thread.
 */
final class BatchedScoring {
  private final Function<TextPair, PairScoring> begin;
  private final Function<List<EncodedPair>, List<Score>> forward;
  private final BatchFill fill;
  private final List<Entry> batch = new ArrayList<>();

  /** Pairs that have parts again, after their earlier parts were scored. */
  private final Deque<Entry> again = new ArrayDeque<>();

  /** A pair, and the part of it that is in the batch. */
  private record Entry(int index, PairScoring scoring, PairScoring.Part part) {}

  /**
   * Creates a run.
   *
   * @param begin begins to score a pair
   * @param forward scores a batch
   */
  BatchedScoring(
      BatchLimits limits,
      Function<TextPair, PairScoring> begin,
      Function<List<EncodedPair>, List<Score>> forward) {
    this.begin = begin;
    this.forward = forward;
    this.fill = new BatchFill(limits);
  }

  /** Returns one score per pair, in the order of the pairs. */
  List<Score> score(List<TextPair> pairs) {
    Score[] results = new Score[pairs.size()];
    for (int i = 0; i < results.length; i++) {
      add(i, begin.apply(pairs.get(i)), results);
      addAgain(results);
    }
    while (!batch.isEmpty()) {
      flush(results);
      addAgain(results);
    }
    return List.of(results);
  }

  private void addAgain(Score[] results) {
    while (!again.isEmpty()) {
      Entry entry = again.remove();
      add(entry.index(), entry.scoring(), results);
    }
  }

  /** Adds all parts that a pair has now. */
  private void add(int index, PairScoring scoring, Score[] results) {
    while (scoring.hasNext()) {
      PairScoring.Part part = scoring.next();
      int length = part.encoded().length();
      if (!fill.add(length)) {
        flush(results);
        fill.startWith(length);
      }
      batch.add(new Entry(index, scoring, part));
    }
  }

  private void flush(Score[] results) {
    List<EncodedPair> encoded = batch.stream().map(entry -> entry.part().encoded()).toList();
    List<Score> scores = forward.apply(encoded);
    for (int i = 0; i < scores.size(); i++) {
      Entry entry = batch.get(i);
      switch (entry.part().scored(scores.get(i))) {
        case WAITING -> {}
        case MORE -> again.add(entry);
        case DONE -> results[entry.index()] = entry.scoring().result();
      }
    }
    batch.clear();
  }
}
