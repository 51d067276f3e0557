package dev.crossencoder.benchmark;

import dev.crossencoder.model.TextPair;
import dev.crossencoder.operator.CrossEncoderFunction;
import dev.crossencoder.operator.CrossEncoderFunctionOptions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Compares the operator with and without a cache of scores: on a stream of which 60 % are pairs
 * that were there before, in random order, and on one without repetitions, for which the cache is
 * of no use.
 *
 * <p>All run once in each round, and each round begins with another one. A ratio is computed within
 * a round; the result is the median.
 *
 * <p>System properties: {@code crossencoder.data}, {@code benchmark.rounds} (5), {@code
 * benchmark.pairs} (1000), {@code benchmark.model} (demo-qa). Exits with 1 if a bar does not hold.
 */
public final class RepeatedPairs {
  private static final double REPEATED = 0.6;
  private static final int PAIRS_IN_FLIGHT = 400;
  private static final int SEED = 19;

  private static final TypeInformation<Pair> PAIR =
      Types.POJO(Pair.class, Map.of("query", Types.STRING, "passage", Types.STRING));

  private RepeatedPairs() {}

  /** A query with one passage. */
  public record Pair(String query, String passage) {}

  /** Runs the rounds and prints the ratios. */
  public static void main(String[] args) throws Exception {
    String model = System.getProperty("benchmark.model", "demo-qa");
    int count = Integer.getInteger("benchmark.pairs", 1000);
    int rounds = Integer.getInteger("benchmark.rounds", 5);
    List<Pair> different =
        Dl19Pairs.read().stream()
            .limit(count)
            .map(pair -> new Pair(pair.text(), pair.textPair()))
            .toList();
    List<Pair> repeating = repeating(different);
    double[] repeated = new double[rounds];
    double[] once = new double[rounds];

    JobRate.of(environment -> scored(environment, different, model, false));
    for (int round = 0; round < rounds; round++) {
      double[] rates = new double[4];
      for (int i = 0; i < rates.length; i++) {
        int which = (round + i) % rates.length;
        List<Pair> pairs = which < 2 ? repeating : different;
        rates[which] = JobRate.of(environment -> scored(environment, pairs, model, which % 2 == 1));
      }
      System.out.printf(
          "round %d: 60 %% repeated: %.1f pairs/s, with a cache %.1f; all different: %.1f, with a cache %.1f%n",
          round + 1, rates[0], rates[1], rates[2], rates[3]);
      repeated[round] = rates[1] / rates[0];
      once[round] = rates[3] / rates[2];
    }

    System.out.printf(
        "%d pairs, %s, %d cores%n",
        different.size(), model, Runtime.getRuntime().availableProcessors());
    boolean faster =
        new Claim("with a cache ÷ without, 60 % repeated", 2, Double.POSITIVE_INFINITY)
            .report(repeated);
    boolean free =
        new Claim("with a cache ÷ without, all different", 0.97, Double.POSITIVE_INFINITY)
            .report(once);
    System.exit(faster && free ? 0 : 1);
  }

  /** Returns as many pairs, the last ones replaced by some of the others, in random order. */
  private static List<Pair> repeating(List<Pair> different) {
    Random random = new Random(SEED);
    int kept = (int) Math.round(different.size() * (1 - REPEATED));
    List<Pair> pairs = new ArrayList<>(different.subList(0, kept));
    while (pairs.size() < different.size()) {
      pairs.add(different.get(random.nextInt(kept)));
    }
    Collections.shuffle(pairs, random);
    return pairs;
  }

  private static DataStream<Integer> scored(
      StreamExecutionEnvironment environment, List<Pair> pairs, String model, boolean cache) {
    Configuration options = new Configuration();
    options.set(CrossEncoderFunctionOptions.MODEL, model);
    options.set(CrossEncoderFunctionOptions.CAPACITY, PAIRS_IN_FLIGHT);
    if (cache) {
      options.set(CrossEncoderFunctionOptions.CACHE_MAX_SIZE, MemorySize.ofMebiBytes(64));
    }
    return CrossEncoderFunction.score(
            environment.fromData(pairs, PAIR),
            "pairs",
            pair -> List.of(new TextPair(pair.query(), pair.passage())),
            options)
        .map(scored -> scored.scores().size())
        .returns(Types.INT);
  }
}
