package dev.crossencoder.benchmark.report;

import dev.crossencoder.benchmark.report.Bar.Unit;
import dev.crossencoder.benchmark.report.ThroughputResult.Contender;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The tables that compare kinds of processors, with a column for each: its rates and its targets. A
 * kind is a processor with other instruction sets for matrix products.
 */
final class Processors {
  private static final List<String> SIZES =
      List.of("tinybert-l2", "minilm-l6", "minilm-l12", "roberta-base", "deberta-v3-small");

  private final List<Kind> kinds;
  private final StringBuilder text;

  /** The comparisons of one kind of processor. */
  private record Kind(List<ThroughputResult> results) {
    Environment environment() {
      return results.get(0).environment();
    }

    boolean hasAvx512() {
      return environment().cpuFlags().contains("avx512f");
    }

    /** The engine that the documentation recommends for fp32 on this kind of processor. */
    String recommended() {
      return hasAvx512() ? Engines.OURS : Engines.OURS_ONNX;
    }

    String title() {
      List<String> dates =
          results.stream().map(result -> result.environment().date()).distinct().sorted().toList();
      return "%s with %s, %s"
          .formatted(
              environment().cpu(),
              String.join(" ", environment().cpuFlags()),
              dates.size() == 1
                  ? dates.get(0)
                  : dates.get(0) + " to " + dates.get(dates.size() - 1));
    }

    Optional<ThroughputResult> dl19(String size) {
      return results.stream()
          .filter(result -> result.workload().equals(Bars.DL19) && result.model().equals(size))
          .findFirst();
    }

    List<Double> ratios(String size, String ours, Predicate<String> others) {
      return dl19(size)
          .flatMap(
              result -> fastest(result, others).map(other -> result.ratios(ours, other.engine())))
          .orElse(List.of());
    }
  }

  /**
   * Creates the tables.
   *
   * @param kinds the comparisons of each kind of processor, none of them empty
   * @param text the page, to which they are appended
   */
  Processors(List<List<ThroughputResult>> kinds, StringBuilder text) {
    this.kinds = kinds.stream().map(Kind::new).toList();
    this.text = text;
  }

  /** Appends the tables, if there is more than one kind. */
  void add() {
    if (kinds.size() < 2) {
      return;
    }
    text.append(
        """
        ## Kinds of processors

        The rates and ratios of the pairs of TREC DL 2019, by kind of processor. The sections above are of the first kind.
        A rate does not compare with that of another column, nor of another model: these are other machines of the kind, on
        other days. What is compared was measured in one run.

        - "fp32, recommended" is the engine that [Models](models.md#engines-for-float32) recommends for the processor: `pytorch` with AVX-512,
          `onnxruntime` without.
        - "Fastest other" is the fastest engine that is not this project's, of the same precision, however it was fed.

        """);
    rates();
    targets();
  }

  private void rates() {
    MarkdownTable table = MarkdownTable.in(text, columns("pairs/s"));
    for (String size : SIZES) {
      rates(table, size + ", ours fp32 on pytorch", size, Engines.OURS::equals);
      rates(table, size + ", ours fp32 on onnxruntime", size, Engines.OURS_ONNX::equals);
      rates(table, size + ", fastest other fp32", size, Processors::otherFp32);
      rates(table, size + ", ours int8", size, Engines.OURS_INT8::equals);
      rates(table, size + ", fastest other int8", size, Processors::otherInt8);
    }
    text.append('\n');
  }

  private List<String> columns(String first) {
    List<String> columns = new ArrayList<>(List.of(first));
    kinds.forEach(kind -> columns.add(kind.title()));
    return columns;
  }

  private void rates(MarkdownTable table, String name, String size, Predicate<String> engines) {
    List<String> cells = new ArrayList<>(List.of(name));
    for (Kind kind : kinds) {
      cells.add(
          kind.dl19(size)
              .flatMap(
                  result ->
                      fastest(result, engines)
                          .map(
                              found ->
                                  Summary.of(result.pairsPerSecond(found)).text()
                                      + (Engines.ours(found.engine())
                                          ? ""
                                          : ", " + Alternatives.shortName(found.engine()))))
              .orElse(Alternatives.NONE));
    }
    table.row(cells);
  }

  private void targets() {
    List<String> columns = new ArrayList<>(List.of("target", "required", "goal"));
    kinds.forEach(kind -> columns.add(kind.title()));
    MarkdownTable table = MarkdownTable.in(text, columns);
    target(
        table,
        "minilm-l6, fp32 recommended ÷ the fastest other fp32 engine",
        1.15,
        1.4,
        kind -> kind.ratios(Bars.MINILM_L6, kind.recommended(), Processors::otherFp32));
    target(
        table,
        "minilm-l6, fp32 recommended ÷ sentence-transformers torch, its own sort",
        2.2,
        2.5,
        kind -> kind.ratios(Bars.MINILM_L6, kind.recommended(), Engines.TORCH::equals));
    for (String size : SIZES) {
      target(
          table,
          size + ", int8 ÷ the fastest other int8 engine",
          1.15,
          1.3,
          kind -> kind.ratios(size, Engines.OURS_INT8, Processors::otherInt8));
    }
    text.append('\n');
  }

  /** The rounds of a ratio on a kind of processor. */
  private interface Ratio {
    List<Double> of(Kind kind);
  }

  private void target(MarkdownTable table, String what, double must, double goal, Ratio ratio) {
    List<String> cells =
        new ArrayList<>(List.of(what, Unit.AT_LEAST.text(must), Unit.AT_LEAST.text(goal)));
    for (Kind kind : kinds) {
      Bar measured = new Bar(what, must, goal, Unit.AT_LEAST, ratio.of(kind));
      cells.add(
          measured.rounds().isEmpty()
              ? measured.verdict()
              : measured.measured() + ", " + measured.verdict());
    }
    table.row(cells);
  }

  private static boolean otherFp32(String engine) {
    return !Engines.ours(engine) && !Engines.int8(engine);
  }

  private static boolean otherInt8(String engine) {
    return !Engines.ours(engine) && Engines.int8(engine);
  }

  private static Optional<Contender> fastest(ThroughputResult result, Predicate<String> engines) {
    return result.contenders().stream()
        .filter(contender -> engines.test(contender.engine()))
        .filter(Contender::counts)
        .max(
            Comparator.comparingDouble(
                contender -> Summary.median(result.pairsPerSecond(contender))));
  }
}
