package dev.crossencoder.benchmark.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Writes the part of the page about all sections except throughput. Owned by one thread. */
final class SectionTables {
  /** The file name of the chart. */
  static final String CHART = "latency.png";

  private final Results results;
  private final String folderName;
  private final StringBuilder text;

  /**
   * Creates a writer.
   *
   * @param folderName the folder of results and chart, relative to the page
   * @param text the page, to which the tables are appended
   */
  SectionTables(Results results, String folderName, StringBuilder text) {
    this.results = results;
    this.folderName = folderName;
    this.text = text;
  }

  /** Appends the tables of all sections with results. */
  void add() {
    limit();
    pipeline();
    latency();
    cpu();
    endurance();
    coldStart();
  }

  private void limit() {
    if (results.limit().isEmpty()) {
      return;
    }
    text.append(
        """
        ## Share of matrix multiplications

        The time of a forward pass cannot be shorter than that of its matrix multiplications. This section measures the
        multiplications alone and compares them with whole forward passes, batch by batch in turns, in the same process and
        with the same libtorch.

        - **Included**: linear layers with their biases, `torch.linear` of [T, in] by [in, out] for the T tokens of a batch (in the
          last layer for first tokens only), and the two products of attention for each sequence and head (in the last layer
          those that replace keys and values).
        - **Not included**: embeddings, norms, activations, softmax, residuals, copies.
        - **Not measured**: DeBERTa, whose attention has more multiplications than these.

        The last column is a multiplication of two square matrices of 2048 × 2048, for comparison.

        """);
    MarkdownTable table =
        MarkdownTable.in(
            text,
            List.of(
                "model",
                "linear layers ÷ forward pass",
                "with attention",
                "with attention ÷ `score`",
                "GFLOP/s of the multiplications",
                "GFLOP/s of the forward pass",
                "GFLOP/s of the square multiplication"));
    for (LimitResult.Model model : results.limit().get().models()) {
      List<LimitResult.Round> rounds = model.rounds();
      table.row(
          List.of(
              model.model(),
              percent(
                  rounds.stream()
                      .map(round -> round.linearSeconds() / round.forwardSeconds())
                      .toList()),
              percent(rounds.stream().map(LimitResult.Round::ofForward).toList()),
              percent(rounds.stream().map(LimitResult.Round::ofScore).toList()),
              number(
                  rounds.stream()
                      .map(
                          round ->
                              model.gigaflops()
                                  / (round.linearSeconds() + round.attentionSeconds()))
                      .toList()),
              number(
                  rounds.stream()
                      .map(round -> model.gigaflops() / round.forwardSeconds())
                      .toList()),
              number(rounds.stream().map(LimitResult.Round::squareGigaflopsPerSecond).toList())));
    }
    text.append('\n');
  }

  private static String percent(List<Double> values) {
    Summary summary = Summary.of(values);
    return String.format(
        Locale.ROOT,
        "%.0f %% (%.0f–%.0f)",
        100 * summary.median(),
        100 * summary.min(),
        100 * summary.max());
  }

  private static String number(List<Double> values) {
    return Summary.of(values).text();
  }

  private void pipeline() {
    results
        .pipeline()
        .ifPresent(
            result -> {
              text.append(
                  """
                  ## Operator and job

                  This section compares `CrossEncoder.score` alone, the operator in a MiniCluster that reads from a collection, and the
                  whole job with a real broker in the same process (exactly-once, a checkpoint every second). Model: %s. Input: %,d
                  pairs for each of the three. One slot.

                  """
                      .formatted(result.model(), result.pairs()));
              List<PipelineResult.Round> rounds = result.rounds();
              MarkdownTable.in(text, List.of("measured", "pairs/s", "÷ alone"))
                  .row(
                      List.of(
                          "`CrossEncoder` alone",
                          number(rounds.stream().map(PipelineResult.Round::alone).toList()),
                          ""))
                  .row(
                      List.of(
                          "operator from a collection",
                          number(rounds.stream().map(PipelineResult.Round::operator).toList()),
                          number(
                              rounds.stream()
                                  .map(round -> round.operator() / round.alone())
                                  .toList())))
                  .row(
                      List.of(
                          "whole job through Kafka",
                          number(rounds.stream().map(PipelineResult.Round::job).toList()),
                          number(
                              rounds.stream().map(round -> round.job() / round.alone()).toList())));
              text.append('\n');
            });
  }

  private void latency() {
    results
        .latency()
        .ifPresent(
            result -> {
              text.append(
                  """
                  ## Latency

                  ![Latency against load](%s/%s)

                  Latency is the time from the scheduled arrival of a pair at the operator to its result, in a job of source, operator
                  and sink. Arrivals are a Poisson process. Load is the arrival rate as a share of saturation, the %s pairs/s that
                  the operator reaches when its input is always full.

                  A lone forward pass, measured in a separate process, takes: p50 %s ms, p95 %s ms, p99 %s ms. `÷ lone` is the
                  latency of a pair divided by the time of its own lone forward pass; lone passes are measured one after the other.

                  The row "without Flink" is a loop in a separate process that waits for the next pair and scores it alone, with the same
                  arrivals as the operator. It shows the cost that any scorer has for waiting behind other pairs and for starting
                  after an idle time.

                  """
                      .formatted(
                          folderName,
                          CHART,
                          Summary.number(result.saturation()),
                          Summary.number(result.lone().p50()),
                          Summary.number(result.lone().p95()),
                          Summary.number(result.lone().p99())));
              aboveThePicture(result);
              MarkdownTable table =
                  MarkdownTable.in(
                      text,
                      List.of(
                          "load",
                          "pairs/s",
                          "pairs",
                          "p50 ms",
                          "p95 ms",
                          "p99 ms",
                          "p50 ÷ lone",
                          "p99 ÷ lone"));
              new TreeMap<>(byLoad(result))
                  .forEach((load, points) -> row(table, percent(load), points));
              row(table, percent(result.loop().get(0).load()) + ", without Flink", result.loop());
              text.append('\n');
            });
  }

  /** Describes the statistical uncertainty of chart and table. */
  private void aboveThePicture(LatencyResult result) {
    double seconds =
        result.points().stream().mapToDouble(LatencyResult.Point::seconds).min().orElse(0);
    if (byLoad(result).values().stream().anyMatch(rounds -> rounds.size() == 1)) {
      text.append(
          """
          Rows without brackets are one round of %.0f s. Their p95 and p99 depend on a few pairs. Where p95 or p99 falls while the load
          grows, the difference is random.

          """
              .formatted(seconds));
    }
    if (result.points().stream().anyMatch(point -> point.load() > LatencyChart.MAX_LOAD)) {
      text.append(
          """
          The chart ends at %s of saturation. Above that load, a queue takes minutes to reach its steady length, which is longer than a
          round. These rows show only the duration of the round, and a higher load can have a lower latency. Expect latencies of
          seconds there, and do not plan for such loads.

          """
              .formatted(percent(LatencyChart.MAX_LOAD)));
    }
  }

  /** The rounds of each load. */
  static Map<Double, List<LatencyResult.Point>> byLoad(LatencyResult result) {
    Map<Double, List<LatencyResult.Point>> points = new LinkedHashMap<>();
    for (LatencyResult.Point point : result.points()) {
      points.computeIfAbsent(point.load(), load -> new ArrayList<>()).add(point);
    }
    return points;
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.0f %%", 100 * share);
  }

  private static void row(MarkdownTable table, String name, List<LatencyResult.Point> points) {
    table.row(
        List.of(
            name,
            Summary.number(points.get(0).pairsPerSecond()),
            String.format(
                Locale.ROOT, "%,d", points.stream().mapToLong(LatencyResult.Point::pairs).sum()),
            number(points.stream().map(point -> point.millis().p50()).toList()),
            number(points.stream().map(point -> point.millis().p95()).toList()),
            number(points.stream().map(point -> point.millis().p99()).toList()),
            number(points.stream().map(point -> point.toLone().p50()).toList()),
            number(points.stream().map(point -> point.toLone().p99()).toList())));
  }

  private void cpu() {
    results
        .cpu()
        .ifPresent(
            result -> {
              text.append(
                  """
                  ## CPU time

                  CPU time of the whole process per pair, with %s over %,d pairs. This is the smallest model, so the share of everything
                  other than the forward pass is largest. "Forward passes alone" score pairs that are already tokenized, in batches in
                  arrival order, on one thread.

                  """
                      .formatted(result.model(), result.pairs()));
              List<CpuResult.Round> rounds = result.rounds();
              MarkdownTable.in(text, List.of("measured", "CPU µs/pair"))
                  .row(
                      List.of(
                          "operator",
                          number(rounds.stream().map(CpuResult.Round::operator).toList())))
                  .row(
                      List.of(
                          "`CrossEncoder.score`",
                          number(rounds.stream().map(CpuResult.Round::score).toList())))
                  .row(
                      List.of(
                          "forward passes alone",
                          number(rounds.stream().map(CpuResult.Round::forward).toList())));
              text.append('\n');
            });
  }

  private void endurance() {
    results
        .endurance()
        .ifPresent(
            result -> {
              text.append(
                  """
                  ## Memory and drift

                  `CrossEncoder` alone scores with %s and -Xmx%s over %,d pairs. The workload is repeated, and the run is divided into
                  windows with equal numbers of pairs. The weights have %.0f MB.

                  """
                      .formatted(
                          result.model(),
                          result.heap(),
                          result.pairs(),
                          result.weightBytes() / 1e6));
              MarkdownTable table =
                  MarkdownTable.in(
                      text,
                      List.of(
                          "run",
                          "tokens/s by window",
                          "last fifth ÷ first fifth",
                          "`RssAnon` MB",
                          "`VmHWM` MB"));
              for (int i = 0; i < result.runs().size(); i++) {
                EnduranceResult.Run run = result.runs().get(i);
                table.row(
                    List.of(
                        String.valueOf(i + 1),
                        number(run.windowTokensPerSecond()),
                        String.format(Locale.ROOT, "%.3f", run.lastToFirstFifth()),
                        String.format(Locale.ROOT, "%.0f", run.anonymousPeakBytes() / 1e6),
                        String.format(Locale.ROOT, "%.0f", run.peakBytes() / 1e6)));
              }
              text.append('\n');
            });
  }

  private void coldStart() {
    results
        .coldStart()
        .ifPresent(
            result -> {
              text.append(
                  """
                  ## Cold start

                  Time from the start of a process to its first score, with %s. The files were in the operating system's cache.

                  """
                      .formatted(result.model()));
              MarkdownTable table = MarkdownTable.in(text, List.of("engine", "seconds"));
              result
                  .seconds()
                  .forEach((engine, seconds) -> table.row(List.of(engine, number(seconds))));
              text.append('\n');
            });
  }
}
