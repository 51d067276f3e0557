package dev.crossencoder.cli.evaluate;

import dev.crossencoder.evaluation.ranking.RankedDocument;
import dev.crossencoder.evaluation.ranking.RankingFigure;
import dev.crossencoder.evaluation.ranking.RankingResult;
import dev.crossencoder.evaluation.ranking.Run;
import dev.crossencoder.evaluation.statistics.Resampling;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

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
  public Map<String, Double> values() {
    Map<String, Double> values = new LinkedHashMap<>();
    result.figures().forEach(figure -> values.put(figure.name(), result.mean(figure)));
    return values;
  }

  /** Returns a figure of each query. */
  double[] values(String figure) {
    return result.values(RankingFigure.parse(figure)).stream()
        .mapToDouble(Double::doubleValue)
        .toArray();
  }

  /** Returns how much a figure of each query is higher than before. */
  double[] gains(RankingOutcomes before, String figure) {
    double[] first = before.values(figure);
    double[] second = values(figure);
    return IntStream.range(0, size()).mapToDouble(query -> second[query] - first[query]).toArray();
  }

  @Override
  public Resampling resampling() {
    double[][] values = figures().stream().map(this::values).toArray(double[][]::new);
    return counts -> Arrays.stream(values).mapToDouble(figure -> mean(figure, counts)).toArray();
  }

  private static double mean(double[] values, int[] counts) {
    double sum = 0;
    long drawn = 0;
    for (int i = 0; i < counts.length; i++) {
      sum += counts[i] * values[i];
      drawn += counts[i];
    }
    return sum / drawn;
  }

  @Override
  public String agreement(Outcomes other) {
    Map<String, List<RankedDocument>> others = ((RankingOutcomes) other).run().rankings();
    List<Map.Entry<String, List<RankedDocument>>> rankings =
        run.rankings().entrySet().stream()
            .filter(ranking -> !ranking.getValue().isEmpty())
            .toList();
    long same =
        rankings.stream()
            .filter(
                ranking -> first(ranking.getValue()).equals(first(others.get(ranking.getKey()))))
            .count();
    return "The first document is the same for %,d of %,d queries."
        .formatted(same, rankings.size());
  }

  private static String first(List<RankedDocument> ranking) {
    return ranking.get(0).id();
  }

  @Override
  public List<String> notes(String which) {
    List<List<RankedDocument>> judged =
        result.byQuery().keySet().stream()
            .map(run.rankings()::get)
            .filter(Objects::nonNull)
            .toList();
    int documents = judged.stream().mapToInt(List::size).sum();
    int tied = judged.stream().mapToInt(RankingOutcomes::tied).sum();
    return tied == 0
        ? List.of()
        : List.of(
            "%,d of %,d documents%s share their score with another one of the same query; ties are ordered by id."
                .formatted(tied, documents, which));
  }

  private static int tied(List<RankedDocument> ranking) {
    int tied = 0;
    for (int i = 0; i < ranking.size(); i++) {
      boolean before = i > 0 && ranking.get(i - 1).score() == ranking.get(i).score();
      boolean after =
          i < ranking.size() - 1 && ranking.get(i + 1).score() == ranking.get(i).score();
      tied += before || after ? 1 : 0;
    }
    return tied;
  }
}
