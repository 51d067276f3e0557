package dev.crossencoder.cli.evaluate;

import dev.crossencoder.evaluation.ranking.RankedDocument;
import dev.crossencoder.evaluation.ranking.RankingFigure;
import dev.crossencoder.evaluation.ranking.RankingResult;
import dev.crossencoder.evaluation.ranking.Run;
import java.util.Arrays;
import java.util.List;

/** The figures of each query of a run. */
record RankingOutcomes(RankingResult result, Run run) implements Outcomes {
  @Override
  public int size() {
    return result.byQuery().size();
  }

  @Override
  public List<String> figures() {
    return result.figures().stream().map(RankingFigure::name).toList();
  }

  @Override
  public double figure(String name, int[] sample) {
    List<Double> values = result.values(RankingFigure.parse(name));
    return Arrays.stream(sample).mapToDouble(values::get).average().orElse(Double.NaN);
  }

  @Override
  public String agreement(Outcomes other) {
    Run otherRun = ((RankingOutcomes) other).run();
    long same =
        run.rankings().entrySet().stream()
            .filter(
                ranking ->
                    first(ranking.getValue())
                        .equals(first(otherRun.rankings().get(ranking.getKey()))))
            .count();
    return "The first document is the same for %,d of %,d queries."
        .formatted(same, run.rankings().size());
  }

  private static String first(List<RankedDocument> ranking) {
    return ranking.get(0).id();
  }
}
