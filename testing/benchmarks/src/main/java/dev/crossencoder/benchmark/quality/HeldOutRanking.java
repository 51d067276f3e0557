package dev.crossencoder.benchmark.quality;

import dev.crossencoder.evaluation.data.RankingData;
import dev.crossencoder.evaluation.data.Reranking;
import dev.crossencoder.evaluation.ranking.RankingEvaluation;
import dev.crossencoder.evaluation.ranking.RankingFigure;
import dev.crossencoder.evaluation.ranking.RankingOptions;
import dev.crossencoder.evaluation.ranking.Run;
import dev.crossencoder.evaluation.statistics.Resampling;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/** Queries with the documents that a search found, which a model ranks again. */
final class HeldOutRanking implements HeldOut {
  private static final RankingFigure FIGURE = RankingFigure.parse("ndcg@10");

  private final Reranking reranking;
  private final RankingEvaluation evaluation;
  private final double[] before;

  HeldOutRanking(RankingData data) {
    this.reranking = Reranking.of(data);
    this.evaluation = new RankingEvaluation(data.qrels(), List.of(FIGURE), RankingOptions.DEFAULT);
    this.before = values(data.run());
  }

  @Override
  public String figure() {
    return FIGURE.name();
  }

  @Override
  public String unit() {
    return "queries";
  }

  @Override
  public int size() {
    return before.length;
  }

  @Override
  public OptionalDouble before() {
    return Arrays.stream(before).average();
  }

  @Override
  public List<TextPair> pairs() {
    return reranking.pairs();
  }

  @Override
  public Resampling resampling(List<Score> scores) {
    double[] values = values(reranking.run(scores.stream().map(Score::score).toList()));
    return counts -> {
      double sum = IntStream.range(0, counts.length).mapToDouble(i -> counts[i] * values[i]).sum();
      return new double[] {sum / Arrays.stream(counts).sum()};
    };
  }

  private double[] values(Run run) {
    return evaluation.evaluate(run).values(FIGURE).stream()
        .mapToDouble(Double::doubleValue)
        .toArray();
  }
}
