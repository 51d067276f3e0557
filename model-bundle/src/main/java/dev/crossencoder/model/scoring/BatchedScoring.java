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
  private final List<PairScoring.Part> batch = new ArrayList<>();
  private final List<PairScoring> batchScorings = new ArrayList<>();

  /** Pairs that have parts again, after their earlier parts were scored. */
  private final Deque<PairScoring> again = new ArrayDeque<>();

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
    List<PairScoring> scorings = new ArrayList<>(pairs.size());
    for (TextPair pair : pairs) {
      PairScoring scoring = begin.apply(pair);
      scorings.add(scoring);
      add(scoring);
      addAgain();
    }
    while (!batch.isEmpty()) {
      flush();
      addAgain();
    }
    return scorings.stream().map(PairScoring::result).toList();
  }

  private void addAgain() {
    while (!again.isEmpty()) {
      add(again.remove());
    }
  }

  /** Adds all parts that a pair has now. */
  private void add(PairScoring scoring) {
    while (scoring.hasNext()) {
      PairScoring.Part part = scoring.next();
      int length = part.encoded().length();
      if (!fill.add(length)) {
        flush();
        fill.startWith(length);
      }
      batch.add(part);
      batchScorings.add(scoring);
    }
  }

  private void flush() {
    List<Score> scores = forward.apply(batch.stream().map(PairScoring.Part::encoded).toList());
    for (int i = 0; i < scores.size(); i++) {
      if (batch.get(i).scored(scores.get(i)) == PairScoring.Progress.MORE) {
        again.add(batchScorings.get(i));
      }
    }
    batch.clear();
    batchScorings.clear();
  }
}
