package dev.crossencoder.benchmark.report;

import dev.crossencoder.benchmark.report.ThroughputResult.Contender;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/** The first table of the page: the speed of this project compared with alternatives. */
final class Alternatives {
  static final String NONE = "–";

  private final List<ThroughputResult> results;

  /** Creates the table from the comparisons in the order of the page. */
  Alternatives(Results results) {
    this.results = results.throughput();
  }

  /** Appends the table. Appends nothing if there are no comparisons. */
  void addTo(StringBuilder text) {
    if (results.isEmpty()) {
      return;
    }
    Environment environment = results.get(0).environment();
    text.append(
        """
        The table compares throughput in pairs per second on a CPU, with %d threads, on %s. Each number is the median of several
        rounds, in which the engines took turns.

        - "ours" is this project's `CrossEncoder.score`.
        - "sentence-transformers" is its `CrossEncoder.predict` with PyTorch in fp32. When it is given all pairs at once, it sorts
          them by length. "In arrival order" means that it is given batches of 32 in the order in which a stream delivers them.
        - "Fastest other" is the rate and the name of the fastest of the other engines. These engines sort all pairs, too.
        - "–" means not measured.

        The models have random weights: see [what was not measured](#not-measured).

        """
            .formatted(environment.threads(), environment.cpu()));
    MarkdownTable table =
        MarkdownTable.in(
            text,
            List.of(
                "model and pairs",
                "ours fp32",
                "ours int8",
                "sentence-transformers, all at once",
                "sentence-transformers, in arrival order",
                "fastest other, fp32",
                "fastest other, int8"));
    for (ThroughputResult result : results) {
      table.row(
          List.of(
              "%s, %s (%.0f tokens per pair)"
                  .formatted(
                      result.model(), result.workload(), (double) result.tokens() / result.pairs()),
              rate(result, Engines.OURS),
              rate(result, Engines.OURS_INT8),
              rate(result, Engines.TORCH),
              rate(result, Engines.TORCH_ARRIVAL),
              fastest(result, engine -> !Engines.int8(engine) && !isTorch(engine)),
              fastest(result, Engines::int8)));
    }
    text.append('\n');
  }

  private static boolean isTorch(String engine) {
    return engine.equals(Engines.TORCH)
        || engine.equals(Engines.TORCH_BY_TOKENS)
        || engine.equals(Engines.TORCH_ARRIVAL);
  }

  private static String rate(ThroughputResult result, String engine) {
    return result.find(engine).map(contender -> median(result, contender)).orElse(NONE);
  }

  private static String fastest(ThroughputResult result, Predicate<String> chosen) {
    return result.contenders().stream()
        .filter(contender -> !Engines.ours(contender.engine()) && chosen.test(contender.engine()))
        .filter(Contender::counts)
        .max(
            Comparator.comparingDouble(
                contender -> Summary.median(result.pairsPerSecond(contender))))
        .map(contender -> median(result, contender) + ", " + shortName(contender.engine()))
        .orElse(NONE);
  }

  private static String median(ThroughputResult result, Contender contender) {
    return Summary.number(Summary.median(result.pairsPerSecond(contender)));
  }

  /** Returns the name of an engine without the order of its pairs, which is in the tables below. */
  static String shortName(String engine) {
    int comma = engine.indexOf(',');
    return comma < 0 ? engine : engine.substring(0, comma);
  }
}
