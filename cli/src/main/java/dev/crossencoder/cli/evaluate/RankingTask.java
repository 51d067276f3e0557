package dev.crossencoder.cli.evaluate;

import dev.crossencoder.evaluation.InvalidDataException;
import dev.crossencoder.evaluation.data.RankingData;
import dev.crossencoder.evaluation.data.Reranking;
import dev.crossencoder.evaluation.ranking.MissingQueries;
import dev.crossencoder.evaluation.ranking.RankedDocument;
import dev.crossencoder.evaluation.ranking.RankingEvaluation;
import dev.crossencoder.evaluation.ranking.RankingFigure;
import dev.crossencoder.evaluation.ranking.RankingResult;
import dev.crossencoder.evaluation.ranking.Run;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reranks the documents of a run. */
final class RankingTask implements EvaluationTask {
  private final RankingData data;
  private final RankingEvaluation evaluation;
  private final RankingOutcomes before;
  private final Reranking reranking;

  private RankingTask(
      RankingData data, RankingEvaluation evaluation, RankingOutcomes before, Reranking reranking) {
    this.data = data;
    this.evaluation = evaluation;
    this.before = before;
    this.reranking = reranking;
  }

  /**
   * Evaluates the run itself, which finds out whether it fits the judgements.
   *
   * @param rerank whether a model will rerank it, for which all texts must be there
   */
  static RankingTask of(RankingData data, RankingEvaluation evaluation, boolean rerank) {
    return new RankingTask(
        data,
        evaluation,
        new RankingOutcomes(evaluation.evaluate(data.run()), data.run()),
        rerank ? Reranking.of(data) : null);
  }

  @Override
  public String name() {
    return "ranking";
  }

  @Override
  public Optional<Outcomes> recorded() {
    return data.ranked() ? Optional.of(before) : Optional.empty();
  }

  @Override
  public int size() {
    return before.size();
  }

  @Override
  public RankingTask forModel(String model, List<String> labels) {
    if (labels.size() != 1) {
      throw new InvalidDataException(
          "Cannot rank with %s, it has %d labels: %s. Ranking takes a model with one label; 'cross-encoder models --task ms-marco' lists some."
              .formatted(model, labels.size(), String.join(", ", labels)));
    }
    return this;
  }

  @Override
  public List<TextPair> pairs() {
    return reranking.pairs();
  }

  @Override
  public Outcomes outcomes(List<String> labels, List<Score> scores) {
    return outcomes(scores.stream().map(Score::score).toList());
  }

  /** Returns the figures of an order: that of numbers for {@link #pairs}, highest first. */
  Outcomes outcomes(List<Float> order) {
    Run run = reranking.run(order);
    return new RankingOutcomes(evaluation.evaluate(run), run);
  }

  /** The number of pairs of each query, in the order of the pairs. */
  List<Integer> pairsByQuery() {
    return reranking.pairsByQuery();
  }

  @Override
  public List<String> possibleFigures() {
    return evaluation.figures().stream().map(RankingFigure::name).toList();
  }

  @Override
  public Map<String, Integer> counts() {
    Map<String, Integer> counts = new LinkedHashMap<>();
    counts.put("queries", before.size());
    counts.put("documents", data.run().size());
    counts.put("judgements", data.qrels().size());
    return counts;
  }

  @Override
  public List<String> notes() {
    RankingResult result = before.result();
    int judged = data.qrels().grades().size();
    List<String> notes = new ArrayList<>(data.notes());
    if (result.missingQueries() > 0) {
      notes.add(
          "%,d of %,d judged queries are not in the run; %s."
              .formatted(
                  result.missingQueries(),
                  judged,
                  evaluation.options().missingQueries() == MissingQueries.COUNT_AS_ZERO
                      ? "their figures count as 0"
                      : "they are left out"));
    }
    if (result.unjudgedQueries() > 0) {
      notes.add(
          "%,d of %,d queries of the run have no judgements and are left out."
              .formatted(result.unjudgedQueries(), data.run().rankings().size()));
    }
    if (result.queriesWithoutRelevant() > 0) {
      int level = evaluation.options().relevanceLevel();
      notes.add(
          "%,d of %,d queries have no %s."
              .formatted(
                  result.queriesWithoutRelevant(),
                  result.byQuery().size(),
                  level == 1
                      ? "relevant document; their figures count as 0"
                      : "document of grade %d or more; their figures count as 0, except ndcg and ndcg-exp"
                          .formatted(level)));
    }
    addUnjudgedDocuments(notes);
    return notes;
  }

  private void addUnjudgedDocuments(List<String> notes) {
    int documents = 0;
    int unjudged = 0;
    for (Map.Entry<String, List<RankedDocument>> ranking : data.run().rankings().entrySet()) {
      Map<String, Integer> grades = data.qrels().grades().get(ranking.getKey());
      if (grades != null) {
        documents += ranking.getValue().size();
        unjudged +=
            (int)
                ranking.getValue().stream()
                    .filter(document -> !grades.containsKey(document.id()))
                    .count();
      }
    }
    if (unjudged > 0) {
      notes.add(
          "%,d of %,d documents of judged queries are not judged and count as not relevant."
              .formatted(unjudged, documents));
    }
  }
}
