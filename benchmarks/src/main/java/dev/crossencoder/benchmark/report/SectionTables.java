package dev.crossencoder.benchmark.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The part of the page about all that is not throughput. Owned by one thread. */
final class SectionTables {
  /** The picture's name. */
  static final String CHART = "latency.png";

  private final Results results;
  private final String folderName;
  private final StringBuilder text;

  /**
   * Creates one.
   *
   * @param folderName where results and picture are, as the page sees it
   * @param text the page so far
   */
  SectionTables(Results results, String folderName, StringBuilder text) {
    this.results = results;
    this.folderName = folderName;
    this.text = text;
  }

  /** Adds what was measured. */
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
        ## The limit

        The matrix multiplications of a forward pass alone, in the same process through the same libtorch, batch by batch in
        turns with whole forward passes: linear layers with their biases, `torch.linear` of [T, in] by [in, out] for the T
        tokens of a batch (in the last layer keys and values for all, the rest for first tokens), and attention's two
        products for each sequence and head. Not in it: embeddings, norms, activations, softmax, residuals, copies.
        DeBERTa's attention multiplies more than that and is left out. A square multiplication of 2048 is printed beside it.

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
                "of the forward pass",
                "of the square"));
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

                  `CrossEncoder.score` alone, the operator in a MiniCluster from a collection, and the whole job through a real
                  broker in the same process (exactly-once, a checkpoint every second). %s, %,d pairs a side, one slot.

                  """
                      .formatted(result.model(), result.pairs()));
              List<PipelineResult.Round> rounds = result.rounds();
              MarkdownTable.in(text, List.of("", "pairs/s", "÷ alone"))
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

                  From the time at which a pair was meant to arrive at the operator to its result, in a job of source, operator and
                  sink; arrivals are a Poisson process, at a share of the %s pairs/s that the operator reaches when its input
                  is always full. A lone forward pass, in a process of its own: p50 %s ms, p95 %s ms, p99 %s ms.
                  `÷ lone` is over each pair's own lone forward pass, one after the other. The row without Flink is a loop
                  that waits for the next pair and scores it alone, in a process of its own, with the same arrivals as the operator:
                  what waiting for others and coming out of rest cost whoever scores.

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

  /** Says what of the picture and of the rows is chance. */
  private void aboveThePicture(LatencyResult result) {
    double seconds =
        result.points().stream().mapToDouble(LatencyResult.Point::seconds).min().orElse(0);
    if (byLoad(result).values().stream().anyMatch(rounds -> rounds.size() == 1)) {
      text.append(
          """
          Rows without brackets are one round of %.0f s. Its tail is a few pairs: where a p95 or p99 falls as the load grows, that is chance.

          """
              .formatted(seconds));
    }
    if (result.points().stream().anyMatch(point -> point.load() > LatencyChart.MAX_LOAD)) {
      text.append(
          """
          The picture ends at %s of saturation. Above it a queue takes minutes to reach its usual length, longer than a round: those
          rows show what happened in that time, and a higher load can have the lower latency. Expect seconds there, and do not plan with it.

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

                  Of the whole process, per pair, with %s over %,d pairs: the smallest model, where everything else weighs most.
                  Forward passes alone are of pairs that have their tokens, in batches in arrival order, on one thread.

                  """
                      .formatted(result.model(), result.pairs()));
              List<CpuResult.Round> rounds = result.rounds();
              MarkdownTable.in(text, List.of("", "CPU µs/pair"))
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

                  `CrossEncoder` alone with %s and -Xmx%s over %,d pairs, the workload again and again, in windows of equally many
                  pairs. The weights have %.0f MB.

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

                  From the start of a process to its first score, %s; files were in the system's cache.

                  """
                      .formatted(result.model()));
              MarkdownTable table = MarkdownTable.in(text, List.of("", "seconds"));
              result
                  .seconds()
                  .forEach((engine, seconds) -> table.row(List.of(engine, number(seconds))));
              text.append('\n');
            });
  }
}
