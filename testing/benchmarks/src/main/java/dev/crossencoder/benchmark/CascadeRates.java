package dev.crossencoder.benchmark;

import dev.crossencoder.model.TextPair;
import dev.crossencoder.operator.CrossEncoderFunction;
import dev.crossencoder.operator.CrossEncoderFunctionOptions;
import dev.crossencoder.operator.RankRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Compares lists of 100 documents that a cascade ranks, which keeps 20, with lists that the main
 * model or the first model ranks alone; and the rate of the cascade with what the two other rates
 * give: the cost of a document in a cascade is its cost in the first model and a fifth of its cost
 * in the main model.
 *
 * <p>All run once in each round, and each round begins with another one. A ratio is computed within
 * a round; the result is the median.
 *
 * <p>System properties: {@code crossencoder.data}, {@code benchmark.rounds} (5), {@code
 * benchmark.pairs} (8600, of which each of the 4300 is used several times), {@code
 * benchmark.model}, the main model (demo-rank), {@code benchmark.first}, the first model (demo-qa).
 * Exits with 1 if a bar does not hold.
 */
public final class CascadeRates {
  private static final int DOCUMENTS = 100;
  private static final int KEEP = 20;

  /** Few, so that hardly any list is begun when the clock starts. */
  private static final int LISTS_IN_FLIGHT = 32;

  private static final TypeInformation<Search> SEARCH =
      Types.POJO(
          Search.class, Map.of("query", Types.STRING, "documents", Types.LIST(Types.STRING)));

  private CascadeRates() {}

  /** A query with documents. */
  public record Search(String query, List<String> documents) {}

  /** Runs the rounds and prints the ratios. */
  public static void main(String[] args) throws Exception {
    String main = System.getProperty("benchmark.model", "demo-rank");
    String first = System.getProperty("benchmark.first", "demo-qa");
    int count = Integer.getInteger("benchmark.pairs", 8600);
    int rounds = Integer.getInteger("benchmark.rounds", 5);
    List<Search> searches = searches(Dl19Pairs.read(), count);
    double[] gains = new double[rounds];
    double[] shares = new double[rounds];

    JobRate.of(environment -> ranked(environment, searches, main, first));
    for (int round = 0; round < rounds; round++) {
      double[] rates = new double[3];
      for (int i = 0; i < rates.length; i++) {
        int which = (round + i) % rates.length;
        rates[which] =
            JobRate.of(
                environment ->
                    switch (which) {
                      case 0 -> ranked(environment, searches, main, null);
                      case 1 -> ranked(environment, searches, first, null);
                      default -> ranked(environment, searches, main, first);
                    });
      }
      double expected = 1 / (1 / rates[1] + (double) KEEP / DOCUMENTS / rates[0]);
      System.out.printf(
          "round %d: main model %.1f documents/s, first model %.1f, cascade %.1f; both rates give %.1f%n",
          round + 1, rates[0], rates[1], rates[2], expected);
      gains[round] = rates[2] / rates[0];
      shares[round] = rates[2] / expected;
    }

    System.out.printf(
        "%d lists of %d, of which %d are kept, %s after %s, %d cores%n",
        searches.size(), DOCUMENTS, KEEP, main, first, Runtime.getRuntime().availableProcessors());
    new Claim("cascade ÷ main model alone", 0, Double.POSITIVE_INFINITY).report(gains);
    boolean holds =
        new Claim("cascade ÷ what the rates of both models give", 0.9, Double.POSITIVE_INFINITY)
            .report(shares);
    System.exit(holds ? 0 : 1);
  }

  /** Returns lists of so many pairs, from the start again if there are fewer. */
  private static List<Search> searches(List<TextPair> pairs, int count) {
    List<Search> searches = new ArrayList<>();
    int lists = pairs.size() / DOCUMENTS;
    for (int list = 0; list < count / DOCUMENTS; list++) {
      int start = list % lists * DOCUMENTS;
      searches.add(
          new Search(
              pairs.get(start).text(),
              pairs.subList(start, start + DOCUMENTS).stream().map(TextPair::textPair).toList()));
    }
    return searches;
  }

  /**
   * Ranks the lists.
   *
   * @param first null for no cascade
   */
  private static DataStream<Integer> ranked(
      StreamExecutionEnvironment environment, List<Search> searches, String main, String first) {
    Configuration options = new Configuration();
    options.set(CrossEncoderFunctionOptions.MODEL, main);
    options.set(CrossEncoderFunctionOptions.CAPACITY, LISTS_IN_FLIGHT);
    options.set(CrossEncoderFunctionOptions.BATCH_MAX_PAIRS, LISTS_IN_FLIGHT / 2);
    if (first != null) {
      options.set(CrossEncoderFunctionOptions.CASCADE_MODEL, first);
      options.set(CrossEncoderFunctionOptions.CASCADE_KEEP, KEEP);
    }
    return CrossEncoderFunction.rank(
            environment.fromData(searches, SEARCH),
            "lists",
            search -> new RankRequest(search.query(), search.documents()),
            options)
        .map(ranked -> ranked.results().size())
        .returns(Types.INT);
  }
}
