package dev.crossencoder.benchmark;

import dev.crossencoder.model.TextPair;
import dev.crossencoder.operator.CrossEncoderFunction;
import dev.crossencoder.operator.CrossEncoderFunctionOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.types.Row;

/**
 * Compares ML_PREDICT of Flink SQL with the operator of a {@code DataStream}: the same pairs, the
 * same model, the same number of records in flight, in jobs of source, operator and sink with one
 * slot. The form with documents scores the same pairs, grouped by query.
 *
 * <p>All three run once in each round, and each round begins with another one. A ratio is computed
 * within a round, so that a temporary slowdown of the machine affects one round only; the result is
 * the median. The clock starts with the result of the last warm-up pair, so that loading the model
 * is not measured.
 *
 * <p>System properties: {@code crossencoder.data}, {@code benchmark.rounds} (5), {@code
 * benchmark.pairs} (2048), {@code benchmark.model} (demo-qa). Exits with 1 if a bar does not hold.
 */
public final class SqlVersusOperator {
  private static final int IN_FLIGHT = 128;
  private static final int DOCUMENTS = 32;
  private static final double BAR = 0.95;

  private static final TypeInformation<Row> PAIR =
      Types.ROW_NAMED(new String[] {"query", "passage"}, Types.STRING, Types.STRING);
  private static final TypeInformation<Row> SEARCH =
      Types.ROW_NAMED(
          new String[] {"query", "documents"}, Types.STRING, Types.OBJECT_ARRAY(Types.STRING));

  private SqlVersusOperator() {}

  /** Runs the rounds and prints the ratios. */
  public static void main(String[] args) throws Exception {
    String model = System.getProperty("benchmark.model", "demo-qa");
    int count = Integer.getInteger("benchmark.pairs", 2048);
    int rounds = Integer.getInteger("benchmark.rounds", 5);
    List<TextPair> pairs = pairs(count);
    Map<String, JobRate.Way> ways = new LinkedHashMap<>();
    ways.put("operator", environment -> operator(environment, pairs, model));
    ways.put("ML_PREDICT, pairs", environment -> pairs(environment, pairs, model));
    ways.put("ML_PREDICT, documents", environment -> documents(environment, pairs, model));
    List<String> names = List.copyOf(ways.keySet());
    double[] pairRatios = new double[rounds];
    double[] documentRatios = new double[rounds];

    JobRate.of(ways.get(names.get(0)));
    for (int round = 0; round < rounds; round++) {
      Map<String, Double> rates = new LinkedHashMap<>();
      for (int i = 0; i < names.size(); i++) {
        String name = names.get((round + i) % names.size());
        rates.put(name, JobRate.of(ways.get(name)));
      }
      System.out.printf(
          "round %d, pairs per second: %s%n",
          round + 1,
          names.stream().map(name -> "%s %.1f".formatted(name, rates.get(name))).toList());
      pairRatios[round] = rates.get(names.get(1)) / rates.get(names.get(0));
      documentRatios[round] = rates.get(names.get(2)) / rates.get(names.get(0));
    }

    System.out.printf(
        "%d pairs, %s, %d records in flight, %d cores%n",
        count, model, IN_FLIGHT, Runtime.getRuntime().availableProcessors());
    boolean pairsHold =
        new Claim("ML_PREDICT over pairs ÷ operator", BAR, Double.POSITIVE_INFINITY)
            .report(pairRatios);
    boolean documentsHold =
        new Claim("ML_PREDICT over documents ÷ operator", BAR, Double.POSITIVE_INFINITY)
            .report(documentRatios);
    System.exit(pairsHold && documentsHold ? 0 : 1);
  }

  /** The first passages of each query, so that pairs of a query are adjacent. */
  private static List<TextPair> pairs(int count) throws IOException {
    List<TextPair> all = Dl19Pairs.read();
    return all.subList(0, Math.min(count, all.size()));
  }

  private static DataStream<Integer> operator(
      StreamExecutionEnvironment environment, List<TextPair> pairs, String model) {
    Configuration options = new Configuration();
    options.set(CrossEncoderFunctionOptions.MODEL, model);
    options.set(CrossEncoderFunctionOptions.CAPACITY, IN_FLIGHT);
    return CrossEncoderFunction.score(
            rows(environment, pairs),
            "operator",
            row -> List.of(new TextPair(row.getFieldAs(0), row.getFieldAs(1))),
            options)
        .map(scored -> scored.scores().size())
        .returns(Types.INT);
  }

  private static DataStream<Integer> pairs(
      StreamExecutionEnvironment environment, List<TextPair> pairs, String model) {
    return predict(
            environment,
            rows(environment, pairs),
            "query STRING, passage STRING",
            "score FLOAT",
            model,
            "query, passage")
        .map(row -> row.getField("score") == null ? 0 : 1)
        .returns(Types.INT);
  }

  private static DataStream<Integer> documents(
      StreamExecutionEnvironment environment, List<TextPair> pairs, String model) {
    List<Row> searches = new ArrayList<>();
    int start = 0;
    for (int i = 1; i <= pairs.size(); i++) {
      boolean ends =
          i == pairs.size()
              || i - start == DOCUMENTS
              || !pairs.get(i).text().equals(pairs.get(start).text());
      if (ends) {
        List<TextPair> group = pairs.subList(start, i);
        searches.add(
            Row.of(
                group.get(0).text(),
                group.stream().map(TextPair::textPair).toArray(String[]::new)));
        start = i;
      }
    }
    return predict(
            environment,
            environment.fromData(searches, SEARCH),
            "query STRING, documents ARRAY<STRING>",
            "results ARRAY<ROW<index INT, score FLOAT>>",
            model,
            "query, documents")
        .map(row -> row.<Object[]>getFieldAs("results").length)
        .returns(Types.INT);
  }

  private static DataStream<Row> rows(
      StreamExecutionEnvironment environment, List<TextPair> pairs) {
    return environment.fromData(
        pairs.stream().map(pair -> Row.of(pair.text(), pair.textPair())).toList(), PAIR);
  }

  private static DataStream<Row> predict(
      StreamExecutionEnvironment environment,
      DataStream<Row> input,
      String inputColumns,
      String output,
      String model,
      String descriptor) {
    StreamTableEnvironment tables = StreamTableEnvironment.create(environment);
    tables.createTemporaryView("texts", tables.fromDataStream(input));
    tables.executeSql(
        "CREATE MODEL m INPUT (%s) OUTPUT (%s) WITH ('provider' = 'cross-encoder', 'model' = '%s')"
            .formatted(inputColumns, output, model));
    return tables.toDataStream(
        tables.sqlQuery(
            "SELECT * FROM ML_PREDICT(TABLE texts, MODEL m, DESCRIPTOR(%s), MAP['max-concurrent-operations', '%d'])"
                .formatted(descriptor, IN_FLIGHT)));
  }
}
