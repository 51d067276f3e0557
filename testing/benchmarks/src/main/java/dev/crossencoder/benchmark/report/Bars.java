package dev.crossencoder.benchmark.report;

import dev.crossencoder.benchmark.report.Bar.Unit;
import dev.crossencoder.benchmark.report.ThroughputResult.Contender;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** The performance requirements of the project, and their values in the results. */
final class Bars {
  static final String DL19 = "dl19";
  static final String SNLI = "snli";
  static final String TINYBERT_L2 = "tinybert-l2";
  static final String MINILM_L2 = "minilm-l2";
  static final String MINILM_L6 = "minilm-l6";

  /** The load, as a share of saturation, for the latency requirement. */
  static final double LOW_LOAD = 0.1;

  private final Results results;

  private Bars(Results results) {
    this.results = results;
  }

  /** Returns all requirements, in the order of the page. */
  static List<Bar> of(Results results) {
    Bars bars = new Bars(results);
    List<Bar> all = new ArrayList<>();
    bars.addThroughput(all);
    bars.addJobs(all);
    bars.addResources(all);
    return all;
  }

  private void addThroughput(List<Bar> all) {
    String ours = "ours fp32 ÷ sentence-transformers torch fp32, its own sort";
    all.add(ratio(ours, 1.15, 1.3, DL19, MINILM_L6, Engines.OURS, Engines.TORCH));
    all.add(
        ratio(ours + ", TinyBERT-L2 size", 1.5, 2, DL19, TINYBERT_L2, Engines.OURS, Engines.TORCH));
    all.add(ratio(ours + ", MiniLM-L2 size", 1.5, 2, DL19, MINILM_L2, Engines.OURS, Engines.TORCH));
    all.add(
        ratio(
            "ours fp32 ÷ sentence-transformers torch fp32, fed 32 at a time in arrival order",
            2,
            2.5,
            DL19,
            MINILM_L6,
            Engines.OURS,
            Engines.TORCH_ARRIVAL));
    all.add(
        ratio(
            "ours fp32 ÷ ONNX Runtime fp32, padded, sorted, best batch size",
            1.05,
            1.2,
            DL19,
            MINILM_L6,
            Engines.OURS,
            Engines.ONNX_RUNTIME));
    all.add(
        ratio(
            "ours int8 ÷ sentence-transformers torch fp32, its own sort",
            1.5,
            2,
            DL19,
            MINILM_L6,
            Engines.OURS_INT8,
            Engines.TORCH));
    Optional<String> peer = fastestInt8Peer();
    all.add(
        ratio(
            "ours int8 ÷ the fastest other int8 engine"
                + peer.map(engine -> " (" + engine + ")").orElse(""),
            1,
            1.2,
            DL19,
            MINILM_L6,
            Engines.OURS_INT8,
            peer.orElse("")));
    all.add(
        new Bar(
            "matrix multiplications alone ÷ forward pass, fp32",
            0.75,
            0.85,
            Unit.PERCENT_AT_LEAST,
            limit()));
    all.add(ratio("SNLI: " + ours, 1.15, 1.3, SNLI, MINILM_L6, Engines.OURS, Engines.TORCH));
  }

  private Bar ratio(
      String what,
      double must,
      double goal,
      String workload,
      String model,
      String engine,
      String other) {
    List<Double> rounds =
        results
            .comparison(workload, model)
            .map(result -> result.ratios(engine, other))
            .orElse(List.of());
    return new Bar(what, must, goal, Unit.AT_LEAST, rounds);
  }

  private Optional<String> fastestInt8Peer() {
    return results
        .comparison(DL19, MINILM_L6)
        .flatMap(
            result ->
                result.contenders().stream()
                    .filter(contender -> Engines.int8(contender.engine()))
                    .filter(contender -> !Engines.ours(contender.engine()))
                    .max(
                        Comparator.comparingDouble(
                            contender -> Summary.median(result.pairsPerSecond(contender))))
                    .map(Contender::engine));
  }

  private List<Double> limit() {
    return results
        .limit()
        .map(
            limit ->
                limit.models().stream()
                    .filter(model -> model.model().equals(MINILM_L6))
                    .flatMap(model -> model.rounds().stream())
                    .map(LimitResult.Round::ofForward)
                    .toList())
        .orElse(List.of());
  }

  private void addJobs(List<Bar> all) {
    all.add(
        new Bar(
            "operator from a collection ÷ `CrossEncoder` alone",
            0.95,
            0.98,
            Unit.AT_LEAST,
            pipeline(round -> round.operator() / round.alone())));
    all.add(
        new Bar(
            "whole job through Kafka ÷ `CrossEncoder` alone",
            0.9,
            0.95,
            Unit.AT_LEAST,
            pipeline(round -> round.job() / round.alone())));
    all.add(
        new Bar(
            "operator at 10 % load: latency ÷ a pair's own lone forward pass, p50",
            1.2, 1.1, Unit.AT_MOST, latency(point -> point.toLone().p50())));
    all.add(
        new Bar(
            "operator at 10 % load: latency ÷ a pair's own lone forward pass, p99",
            3, 2.5, Unit.AT_MOST, latency(point -> point.toLone().p99())));
  }

  private List<Double> pipeline(ToDoubleFunction<PipelineResult.Round> ratio) {
    return each(results.pipeline(), PipelineResult::rounds, ratio);
  }

  private List<Double> latency(ToDoubleFunction<LatencyResult.Point> value) {
    return each(
        results.latency(),
        result -> result.points().stream().filter(point -> point.load() == LOW_LOAD).toList(),
        value);
  }

  private void addResources(List<Bar> all) {
    all.add(
        new Bar(
            "TinyBERT-L2 size: CPU time per pair of the operator ÷ of forward passes alone",
            1.35,
            1.25,
            Unit.AT_MOST,
            each(results.cpu(), CpuResult::rounds, round -> round.operator() / round.forward())));
    all.add(
        new Bar(
            "anonymous memory above the weights (`RssAnon`, -Xmx256m, `CrossEncoder` only)",
            400,
            250,
            Unit.MEGABYTES_AT_MOST,
            results
                .endurance()
                .map(
                    result ->
                        result.runs().stream()
                            .map(run -> (run.anonymousPeakBytes() - result.weightBytes()) / 1e6)
                            .toList())
                .orElse(List.of())));
    all.add(
        new Bar(
            "median window rate, last fifth ÷ first fifth of the pairs",
            0.9,
            0.95,
            Unit.AT_LEAST,
            each(
                results.endurance(),
                EnduranceResult::runs,
                EnduranceResult.Run::lastToFirstFifth)));
  }

  private static <R, T> List<Double> each(
      Optional<R> result, Function<R, List<T>> rounds, ToDoubleFunction<T> value) {
    return result
        .map(
            measured ->
                rounds.apply(measured).stream().map(round -> value.applyAsDouble(round)).toList())
        .orElse(List.of());
  }
}
