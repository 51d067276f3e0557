package dev.crossencoder.operator;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.flink.annotation.Internal;

/**
 * A distribution of scores to compare others with: bins between its deciles, and the share of the
 * scores in each.
 *
 * @param edges the upper edges of all bins but the last one, ascending; a score on an edge is below
 *     it
 * @param shares the share of each bin; one more than edges
 */
@Internal
public record ScoreReference(List<Float> edges, List<Double> shares) implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int BINS = 10;
  private static final String SEPARATOR = "|";

  /** The fewest scores with which a distribution says something. */
  public static final int FEWEST = 100;

  /** The share of an empty bin, so that its logarithm exists. */
  private static final double SMALLEST = 1e-4;

  private static final double TOLERANCE = 0.001;

  public ScoreReference {
    edges = List.copyOf(edges);
    shares = List.copyOf(shares);
    boolean ascending = true;
    for (int i = 1; i < edges.size(); i++) {
      ascending &= edges.get(i - 1) < edges.get(i);
    }
    double sum = shares.stream().mapToDouble(Double::doubleValue).sum();
    if (!ascending
        || shares.size() != edges.size() + 1
        || shares.stream().anyMatch(share -> !(share >= 0))
        || Math.abs(sum - 1) > TOLERANCE) {
      throw new IllegalArgumentException(
          "It must have ascending edges, and one share more than edges, which add up to 1.");
    }
  }

  /**
   * Returns the distribution of scores.
   *
   * @param scores at least {@link #FEWEST}
   */
  public static ScoreReference of(double[] scores) {
    if (scores.length < FEWEST) {
      throw new IllegalArgumentException(
          "A distribution needs at least %d scores, and there are %d."
              .formatted(FEWEST, scores.length));
    }
    double[] sorted = scores.clone();
    Arrays.sort(sorted);
    List<Float> edges = new ArrayList<>();
    for (int bin = 1; bin < BINS; bin++) {
      float edge = (float) sorted[bin * sorted.length / BINS];
      // Many equal scores fill several bins.
      if (edges.isEmpty() || edge > edges.get(edges.size() - 1)) {
        edges.add(edge);
      }
    }
    return new ScoreReference(edges, shares(edges, sorted));
  }

  /**
   * Parses what {@link #text} writes.
   *
   * @throws IllegalArgumentException if it is not valid
   */
  static ScoreReference parse(String text) {
    String[] parts = text.split("\\" + SEPARATOR, -1);
    if (parts.length != 2) {
      throw new IllegalArgumentException("It must have edges and shares, separated by '|'.");
    }
    return new ScoreReference(
        Arrays.stream(parts[0].split(",", -1)).map(edge -> Float.parseFloat(edge.strip())).toList(),
        Arrays.stream(parts[1].split(",", -1))
            .map(share -> Double.parseDouble(share.strip()))
            .toList());
  }

  /** Returns the edges and the shares, each separated by commas. */
  public String text() {
    return edges.stream().map(String::valueOf).collect(Collectors.joining(","))
        + SEPARATOR
        + shares.stream()
            .map(share -> String.format(Locale.ROOT, "%.5f", share))
            .collect(Collectors.joining(","));
  }

  private static List<Double> shares(List<Float> edges, double[] scores) {
    int[] counts = new int[edges.size() + 1];
    for (double score : scores) {
      int bin = 0;
      while (bin < edges.size() && (float) score > edges.get(bin)) {
        bin++;
      }
      counts[bin]++;
    }
    return Arrays.stream(counts).mapToObj(count -> (double) count / scores.length).toList();
  }

  /**
   * Returns the population stability index of scores: the sum over the bins of (p - q) · ln(p / q),
   * where p is the share of the scores and q that of this distribution. Below 0.1 is usually called
   * stable, above 0.25 a shift. NaN without scores.
   */
  double stabilityIndex(double[] scores) {
    if (scores.length == 0) {
      return Double.NaN;
    }
    List<Double> found = shares(edges, scores);
    double index = 0;
    for (int bin = 0; bin < shares.size(); bin++) {
      double now = Math.max(SMALLEST, found.get(bin));
      double then = Math.max(SMALLEST, shares.get(bin));
      index += (now - then) * Math.log(now / then);
    }
    return index;
  }
}
