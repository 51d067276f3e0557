package dev.crossencoder.cli.evaluate;

import dev.crossencoder.cli.command.CommandFailedException;
import dev.crossencoder.cli.command.Progress;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.operator.PairOutcome;
import dev.crossencoder.operator.ScoreReference;
import java.util.ArrayList;
import java.util.List;

/**
 * What a model did on the data of a task.
 *
 * @param system the model
 * @param outcomes what its scores mean
 * @param truncated the number of pairs that had more tokens than the model reads
 * @param pairs the number of pairs
 * @param reference the distribution of the scores; null if there are too few
 */
record PairScoring(
    Report.EvaluatedSystem system,
    Outcomes outcomes,
    long truncated,
    int pairs,
    ScoreReference reference) {
  /** The number of pairs after which the progress is updated. */
  private static final int CHUNK = 256;

  /**
   * Scores the pairs of a task.
   *
   * @param options what distinguishes the model from the first one, for the report
   * @throws CommandFailedException if a pair cannot be scored: the figures would be wrong
   */
  static PairScoring score(EvaluationTask task, CrossEncoder model, String options) {
    Report.EvaluatedSystem system =
        new Report.EvaluatedSystem(
            model.bundle().manifest().name(), model.bundle().digest(), options);
    List<Score> scores = scores("evaluate " + system.title(), model, task.pairs());
    return new PairScoring(
        system,
        task.outcomes(model.bundle().manifest().labels(), scores),
        scores.stream().filter(Score::truncated).count(),
        scores.size(),
        reference(scores));
  }

  /** Returns the distribution of scores; null if there are too few. */
  static ScoreReference reference(List<Score> scores) {
    return scores.size() < ScoreReference.FEWEST
        ? null
        : ScoreReference.of(scores.stream().mapToDouble(Score::score).toArray());
  }

  /**
   * Scores pairs, with a progress bar.
   *
   * @param purpose what the scores are for, in messages
   * @return one score per pair
   * @throws CommandFailedException if a pair cannot be scored
   */
  static List<Score> scores(String purpose, CrossEncoder model, List<TextPair> pairs) {
    List<PairOutcome> outcomes = new ArrayList<>(pairs.size());
    try (Progress progress = Progress.start("Scoring", "pairs", pairs.size())) {
      for (int start = 0; start < pairs.size(); start += CHUNK) {
        int end = Math.min(pairs.size(), start + CHUNK);
        outcomes.addAll(PairOutcome.of(model, pairs.subList(start, end)));
        progress.update(end);
      }
    }
    List<PairOutcome> failed = outcomes.stream().filter(PairOutcome::failed).toList();
    if (!failed.isEmpty()) {
      throw new CommandFailedException(
          "Cannot %s, %,d of %,d pairs have no score; the first is pair %,d: %s"
              .formatted(
                  purpose,
                  failed.size(),
                  pairs.size(),
                  outcomes.indexOf(failed.get(0)) + 1,
                  failed.get(0).failure().message()));
    }
    return PairOutcome.scores(outcomes);
  }
}
