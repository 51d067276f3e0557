package dev.crossencoder.benchmark;

import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import dev.crossencoder.operator.CrossEncoderFunction;
import dev.crossencoder.operator.CrossEncoderFunctionOptions;
import dev.crossencoder.operator.RankRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/**
 * Compares lists of 100 documents with the same pairs as single records, both in the operator, and
 * the latency of one list in the operator with that of {@code CrossEncoder.rank}.
 *
 * <p>All run once in each round, and each round begins with another one. A ratio is computed within
 * a round; the result is the median.
 *
 * <p>System properties: {@code crossencoder.data}, {@code benchmark.rounds} (5), {@code
 * benchmark.pairs} (2000), {@code benchmark.model} (demo-qa). Exits with 1 if a bar does not hold.
 */
public final class ListsVersusPairs {
  private static final int DOCUMENTS = 100;
  private static final int PAIRS_IN_FLIGHT = 400;
  private static final int WARM_UP_LISTS = 2;

  private static final TypeInformation<Search> SEARCH =
      Types.POJO(
          Search.class, Map.of("query", Types.STRING, "documents", Types.LIST(Types.STRING)));

  private static final TypeInformation<Pair> PAIR =
      Types.POJO(Pair.class, Map.of("query", Types.STRING, "passage", Types.STRING));

  /** Lets the next list into the job. Static, because the job runs in this JVM. */
  private static final Semaphore NEXT = new Semaphore(0);

  private static final List<Long> SENT = new ArrayList<>();
  private static final List<Long> ARRIVED = new ArrayList<>();

  private ListsVersusPairs() {}

  /** A query with documents. */
  public record Search(String query, List<String> documents) {}

  /** A query with one passage. */
  public record Pair(String query, String passage) {}

  /** Runs the rounds and prints the ratios. */
  public static void main(String[] args) throws Exception {
    String model = System.getProperty("benchmark.model", "demo-qa");
    int count = Integer.getInteger("benchmark.pairs", 2000);
    int rounds = Integer.getInteger("benchmark.rounds", 5);
    List<TextPair> pairs = Dl19Pairs.read();
    pairs = pairs.subList(0, Math.min(pairs.size(), count - count % DOCUMENTS));
    List<Search> searches = searches(pairs);
    List<TextPair> measured = pairs;
    double[] rates = new double[rounds];
    double[] latencies = new double[rounds];

    JobRate.of(environment -> lists(environment, searches, model));
    for (int round = 0; round < rounds; round++) {
      double single = 0;
      double list = 0;
      double inJob = 0;
      double alone = 0;
      for (int i = 0; i < 4; i++) {
        switch ((round + i) % 4) {
          case 0 -> single = JobRate.of(environment -> pairs(environment, measured, model));
          case 1 -> list = JobRate.of(environment -> lists(environment, searches, model));
          case 2 -> inJob = latencyInJob(searches, model);
          default -> alone = latencyAlone(searches, model);
        }
      }
      System.out.printf(
          "round %d: pairs %.1f pairs/s, lists %.1f pairs/s; one list of %d: operator %.0f ms, CrossEncoder.rank %.0f ms%n",
          round + 1, single, list, DOCUMENTS, inJob, alone);
      rates[round] = list / single;
      latencies[round] = inJob / alone;
    }

    System.out.printf(
        "%d pairs in lists of %d, %s, %d cores%n",
        pairs.size(), DOCUMENTS, model, Runtime.getRuntime().availableProcessors());
    boolean ratesHold =
        new Claim("pairs per second in lists ÷ as single records", 0.97, Double.POSITIVE_INFINITY)
            .report(rates);
    boolean latenciesHold =
        new Claim("latency of a list in the operator ÷ CrossEncoder.rank", 0, 1.1)
            .report(latencies);
    System.exit(ratesHold && latenciesHold ? 0 : 1);
  }

  private static List<Search> searches(List<TextPair> pairs) {
    List<Search> searches = new ArrayList<>();
    for (int start = 0; start < pairs.size(); start += DOCUMENTS) {
      searches.add(
          new Search(
              pairs.get(start).text(),
              pairs.subList(start, start + DOCUMENTS).stream().map(TextPair::textPair).toList()));
    }
    return searches;
  }

  private static DataStream<Integer> pairs(
      StreamExecutionEnvironment environment, List<TextPair> pairs, String model) {
    List<Pair> records =
        pairs.stream().map(pair -> new Pair(pair.text(), pair.textPair())).toList();
    return CrossEncoderFunction.score(
            environment.fromData(records, PAIR),
            "pairs",
            pair -> List.of(new TextPair(pair.query(), pair.passage())),
            options(model))
        .map(scored -> scored.scores().size())
        .returns(Types.INT);
  }

  private static DataStream<Integer> lists(
      StreamExecutionEnvironment environment, List<Search> searches, String model) {
    return rank(environment.fromData(searches, SEARCH), model);
  }

  private static DataStream<Integer> rank(DataStream<Search> searches, String model) {
    return CrossEncoderFunction.rank(
            searches,
            "lists",
            search -> new RankRequest(search.query(), search.documents()),
            options(model))
        .map(ranked -> ranked.results().size())
        .returns(Types.INT);
  }

  private static Configuration options(String model) {
    Configuration options = new Configuration();
    options.set(CrossEncoderFunctionOptions.MODEL, model);
    options.set(CrossEncoderFunctionOptions.CAPACITY, PAIRS_IN_FLIGHT);
    return options;
  }

  /** Returns the mean milliseconds of a list in the operator, with one list in flight. */
  private static double latencyInJob(List<Search> searches, String model) throws Exception {
    SENT.clear();
    ARRIVED.clear();
    NEXT.drainPermits();
    NEXT.release();
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(1);
    environment.setBufferTimeout(0);
    DataStream<Search> oneByOne =
        environment.fromData(searches, SEARCH).map(new Gate()).returns(SEARCH).disableChaining();
    rank(oneByOne, model).map(new Arrival()).returns(Types.INT).sinkTo(new DiscardingSink<>());
    environment.execute();
    long nanos = 0;
    for (int i = WARM_UP_LISTS; i < SENT.size(); i++) {
      nanos += ARRIVED.get(i) - SENT.get(i);
    }
    return nanos / 1e6 / (SENT.size() - WARM_UP_LISTS);
  }

  private static double latencyAlone(List<Search> searches, String model) {
    try (CrossEncoder crossEncoder =
        CrossEncoder.open(ModelRepository.shared().resolve(model), CrossEncoderOptions.DEFAULT)) {
      long nanos = 0;
      for (int i = 0; i < searches.size(); i++) {
        Search search = searches.get(i);
        long start = System.nanoTime();
        crossEncoder.rank(search.query(), search.documents(), DOCUMENTS);
        if (i >= WARM_UP_LISTS) {
          nanos += System.nanoTime() - start;
        }
      }
      return nanos / 1e6 / (searches.size() - WARM_UP_LISTS);
    }
  }

  /** Lets a list go on when the one before it has arrived. */
  private static final class Gate implements MapFunction<Search, Search> {
    private static final long serialVersionUID = 1L;

    @Override
    public Search map(Search search) throws InterruptedException {
      NEXT.acquire();
      SENT.add(System.nanoTime());
      return search;
    }
  }

  /** Notes when a result arrives, and lets the next list go on. */
  private static final class Arrival implements MapFunction<Integer, Integer> {
    private static final long serialVersionUID = 1L;

    @Override
    public Integer map(Integer results) {
      ARRIVED.add(System.nanoTime());
      NEXT.release();
      return results;
    }
  }
}
