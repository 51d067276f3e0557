package dev.crossencoder.evaluation.ranking;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A figure of rankings, such as {@code ndcg@10}.
 *
 * <ul>
 *   <li>{@code ndcg}: the gain of a document is its grade, as in trec_eval.
 *   <li>{@code ndcg-exp}: the gain is 2^grade - 1.
 *   <li>{@code mrr}, {@code map}: as trec_eval's {@code recip_rank} and {@code map}.
 *   <li>{@code recall}, {@code precision}: as trec_eval's {@code recall} and {@code P}.
 * </ul>
 *
 * <p>{@code @k} is the number of documents of each ranking that count. {@code recall} and {@code
 * precision} need it; the others count all documents without it. Unjudged documents are not
 * relevant. The figure of a query without relevant documents is 0.
 */
public final class RankingFigure {
  private static final Pattern NAME = Pattern.compile("([a-z-]+)(?:@([1-9][0-9]{0,6}))?");

  private final String name;
  private final RankingMeasure measure;
  private final int cutoff;

  private RankingFigure(String name, RankingMeasure measure, int cutoff) {
    this.name = name;
    this.measure = measure;
    this.cutoff = cutoff;
  }

  /**
   * Returns the figure with a name, such as {@code mrr@10} or {@code map}.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static RankingFigure parse(String name) {
    Matcher parts = NAME.matcher(name);
    if (parts.matches()) {
      boolean cut = parts.group(2) != null;
      for (RankingMeasure measure : RankingMeasure.values()) {
        if (measure.key().equals(parts.group(1)) && (cut || !measure.needsCutoff())) {
          return new RankingFigure(
              name, measure, cut ? Integer.parseInt(parts.group(2)) : Integer.MAX_VALUE);
        }
      }
    }
    throw new IllegalArgumentException(
        "Invalid figure: %s. It must be one of %s, followed by @ and a number of documents, such as ndcg@10; only ndcg, ndcg-exp, mrr and map may go without."
            .formatted(
                name,
                Arrays.stream(RankingMeasure.values())
                    .map(RankingMeasure::key)
                    .collect(Collectors.joining(", "))));
  }

  /** The name, with the cutoff. */
  public String name() {
    return name;
  }

  /**
   * Computes the figure of one query.
   *
   * @param ranking the documents, best first
   * @param judgements the grades of judged documents by their ids
   * @param relevanceLevel the lowest grade that is relevant; {@code ndcg} and {@code ndcg-exp} do
   *     not depend on it
   * @return from 0 to 1
   */
  public double of(
      List<RankedDocument> ranking, Map<String, Integer> judgements, int relevanceLevel) {
    return of(JudgedRanking.of(ranking, judgements, relevanceLevel));
  }

  double of(JudgedRanking ranking) {
    return measure.of(ranking, cutoff);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RankingFigure figure && figure.name.equals(name);
  }

  @Override
  public int hashCode() {
    return name.hashCode();
  }

  @Override
  public String toString() {
    return name;
  }
}
