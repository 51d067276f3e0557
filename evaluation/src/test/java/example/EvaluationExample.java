package example;

// readme:evaluation
import dev.crossencoder.evaluation.data.RankingData;
import dev.crossencoder.evaluation.data.RankingSamples;
import dev.crossencoder.evaluation.data.Reranking;
import dev.crossencoder.evaluation.ranking.RankingEvaluation;
import dev.crossencoder.evaluation.ranking.RankingFigure;
import dev.crossencoder.evaluation.ranking.RankingOptions;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.scoring.CrossEncoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Measures NDCG@10 of a model. */
final class EvaluationExample {
  private EvaluationExample() {}

  static double ndcg(CrossEncoder model, Path samples) throws IOException {
    RankingData data = RankingSamples.read(samples);
    Reranking reranking = Reranking.of(data);
    List<Float> scores = model.score(reranking.pairs()).stream().map(Score::score).toList();
    RankingFigure figure = RankingFigure.parse("ndcg@10");
    return new RankingEvaluation(data.qrels(), List.of(figure), RankingOptions.DEFAULT)
        .evaluate(reranking.run(scores))
        .mean(figure);
  }
}
// end:evaluation
