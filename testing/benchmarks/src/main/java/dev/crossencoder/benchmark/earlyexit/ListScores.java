package dev.crossencoder.benchmark.earlyexit;

import dev.crossencoder.evaluation.data.RankingData;
import dev.crossencoder.evaluation.data.Reranking;
import dev.crossencoder.evaluation.ranking.Qrels;
import dev.crossencoder.evaluation.ranking.RankedDocument;
import dev.crossencoder.evaluation.ranking.RankingEvaluation;
import dev.crossencoder.evaluation.ranking.RankingFigure;
import dev.crossencoder.evaluation.ranking.RankingOptions;
import dev.crossencoder.evaluation.ranking.Run;
import dev.crossencoder.model.TextPair;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The judged queries of a collection with the scores of two models. */
public final class ListScores {
  private static final RankingFigure NDCG = RankingFigure.parse("ndcg@10");

  private final RankingData data;
  private final List<String> queries;
  private final int depth;

  /**
   * Takes the first documents of each query.
   *
   * @param depth how many
   */
  public ListScores(RankingData data, int depth) {
    this.data = data;
    this.depth = depth;
    this.queries =
        data.run().rankings().keySet().stream().filter(data.qrels().grades()::containsKey).toList();
  }

  /** The pairs that a model scores: all documents of a query, in the order of the search. */
  public List<TextPair> pairs() {
    return Reranking.of(data).pairs();
  }

  /** The scores of the search, in the order of {@link #pairs}. */
  public float[] searchScores() {
    List<Float> scores = new ArrayList<>();
    for (String query : queries) {
      data.run().rankings().get(query).forEach(document -> scores.add(document.score()));
    }
    float[] all = new float[scores.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = scores.get(i);
    }
    return all;
  }

  /**
   * Returns the lists.
   *
   * @param first the scores of the first model, in the order of {@link #pairs}
   * @param main those of the main model
   */
  public List<ScoredList> lists(float[] first, float[] main) {
    List<ScoredList> lists = new ArrayList<>();
    int start = 0;
    for (String query : queries) {
      List<RankedDocument> found = data.run().rankings().get(query);
      lists.add(list(query, found, first, main, start));
      start += found.size();
    }
    return lists;
  }

  private ScoredList list(
      String query, List<RankedDocument> found, float[] first, float[] main, int start) {
    int size = Math.min(depth, found.size());
    double[] firstScores = IntStream.range(0, size).mapToDouble(i -> first[start + i]).toArray();
    int[] order = ScoredList.order(firstScores);
    double[] mainScores = Arrays.stream(order).mapToDouble(i -> main[start + i]).toArray();
    List<String> ids = Arrays.stream(order).mapToObj(i -> found.get(i).id()).toList();
    double[] ndcg =
        IntStream.rangeClosed(0, size).mapToDouble(k -> ndcg(query, ids, mainScores, k)).toArray();
    return new ScoredList(
        Arrays.stream(order).mapToDouble(i -> firstScores[i]).toArray(), mainScores, ndcg);
  }

  private double ndcg(String query, List<String> ids, double[] main, int scored) {
    int[] best = ScoredList.order(Arrays.copyOf(main, scored));
    List<RankedDocument> ranking = new ArrayList<>();
    for (int place = 0; place < ids.size(); place++) {
      String id = ids.get(place < scored ? best[place] : place);
      ranking.add(new RankedDocument(id, ids.size() - place));
    }
    Map<String, Map<String, Integer>> grades = new LinkedHashMap<>();
    grades.put(query, data.qrels().of(query));
    return new RankingEvaluation(new Qrels(grades), List.of(NDCG), RankingOptions.DEFAULT)
        .evaluate(new Run(Map.of(query, ranking)))
        .mean(NDCG);
  }
}
