package dev.crossencoder.cli.evaluate;

import dev.crossencoder.model.Cascade;
import dev.crossencoder.model.RankOptions;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.scoring.CrossEncoder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Scores the documents of a test collection with a cascade of two models. */
final class CascadeScoring {
  private CascadeScoring() {}

  /**
   * Returns what a cascade does: for each query, the main model scores the best documents of the
   * first model.
   *
   * @param keep how many documents of a query the main model scores
   */
  static PairScoring score(RankingTask task, CrossEncoder first, CrossEncoder main, int keep) {
    String name = first.bundle().manifest().name();
    List<TextPair> pairs = task.pairs();
    List<Score> firstScores = PairScoring.scores("evaluate " + name, first, pairs);
    List<Integer> kept = new ArrayList<>();
    int start = 0;
    for (int size : task.pairsByQuery()) {
      int from = start;
      Cascade.keep(keep)
          .forMainModel(firstScores.subList(from, from + size))
          .forEach(index -> kept.add(from + index));
      start += size;
    }
    Report.EvaluatedSystem system =
        new Report.EvaluatedSystem(
            main.bundle().manifest().name(),
            main.bundle().digest(),
            "the best %d of %s".formatted(keep, name));
    List<Score> mainScores =
        PairScoring.scores(
            "evaluate " + system.title(), main, kept.stream().map(pairs::get).toList());
    List<Score> scores = new ArrayList<>(firstScores);
    List<Integer> stages = new ArrayList<>(Collections.nCopies(pairs.size(), 0));
    for (int i = 0; i < kept.size(); i++) {
      scores.set(kept.get(i), mainScores.get(i));
      stages.set(kept.get(i), 1);
    }
    return new PairScoring(
        system,
        task.outcomes(places(task.pairsByQuery(), scores, stages)),
        scores.stream().filter(Score::truncated).count(),
        pairs.size(),
        null);
  }

  /**
   * Returns numbers that order documents as a cascade does, because scores of two models cannot be
   * compared. Documents with equal scores of the same model have equal numbers.
   */
  private static List<Float> places(List<Integer> sizes, List<Score> scores, List<Integer> stages) {
    Float[] places = new Float[scores.size()];
    int start = 0;
    for (int size : sizes) {
      List<Score> ofQuery = scores.subList(start, start + size);
      List<Integer> stagesOfQuery = stages.subList(start, start + size);
      int before = -1;
      float place = 0;
      for (int index : Cascade.best(ofQuery, stagesOfQuery, 1, RankOptions.ALL)) {
        boolean tied =
            before >= 0
                && ofQuery.get(before).score() == ofQuery.get(index).score()
                && stagesOfQuery.get(before).equals(stagesOfQuery.get(index));
        place -= tied ? 0f : 1f;
        places[start + index] = place;
        before = index;
      }
      start += size;
    }
    return List.of(places);
  }
}
