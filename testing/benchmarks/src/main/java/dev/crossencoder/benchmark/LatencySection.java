package dev.crossencoder.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.benchmark.checkpoint.ModelSize;
import dev.crossencoder.benchmark.report.LatencyResult;
import dev.crossencoder.benchmark.report.LatencyResult.Percentiles;
import dev.crossencoder.benchmark.report.LatencyResult.Point;
import dev.crossencoder.model.TextPair;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.HdrHistogram.Histogram;

/**
 * Measures the latency of the operator by offered load. Pairs arrive at random times in a job of
 * source, operator and sink. Latency is measured from the scheduled arrival.
 */
final class LatencySection implements Section {
  private static final List<Double> LOADS =
      List.of(0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95);
  private static final List<Double> QUICK_LOADS = List.of(0.1, 0.5, 0.9);

  /** The load at which latency is compared with the forward pass of a single pair. */
  private static final double LOW = 0.1;

  private static final int PAIRS = 1024;
  private static final int LONE_TRIES = 3;

  @Override
  public String name() {
    return "latency";
  }

  @Override
  public void run(Session session) throws IOException {
    ModelSize size = ModelSize.MINILM_L6;
    Workload workload = Workload.DL19;
    PreparedModel model = session.models().prepare(size);
    BenchmarkOptions options = session.options();
    // Random order, so that consecutive pairs have different queries.
    List<TextPair> some =
        new ArrayList<>(
            Dl19Pairs.evenlySpaced(session.pairs(workload), options.quick() ? 128 : PAIRS));
    Collections.shuffle(some, new Random(5));
    Path pairs = session.file("latency", some);
    try (WorkerProcess alone = session.launcher().crossEncoder("alone", model.fp32());
        WorkerProcess operator = session.launcher().operator(model.fp32())) {
      alone.awaitReady();
      operator.awaitReady();
      int count =
          Math.max(
              2 * Session.WARM_UP,
              (int) (session.roughRate(alone, workload) * options.turnSeconds() * 2));
      JsonNode full =
          operator.ask(
              Launcher.request("score", pairs).put("warmUp", Session.WARM_UP).put("count", count));
      double saturation = full.path("pairs").intValue() / full.path("seconds").doubleValue();
      double[] lone = lone(alone, pairs);
      List<Point> points = new ArrayList<>();
      List<Point> loop = new ArrayList<>();
      for (int round = 0; round < options.rounds(); round++) {
        for (double load : options.quick() ? QUICK_LOADS : LOADS) {
          if (round == 0 || load == LOW) {
            if (round > 0) {
              lone = lone(alone, pairs);
            }
            session.settle();
            points.add(point(options, operator, pairs, lone, load, saturation, round));
            System.out.printf("latency: %s%n", points.get(points.size() - 1));
            if (load == LOW) {
              session.settle();
              loop.add(point(options, alone, pairs, lone, load, saturation, round));
              System.out.printf("latency without Flink: %s%n", loop.get(loop.size() - 1));
            }
            session
                .results()
                .write(
                    new LatencyResult(
                        session.environment(),
                        size.key(),
                        workload.key(),
                        saturation,
                        percentiles(lone, 1e3),
                        List.copyOf(points),
                        List.copyOf(loop)));
          }
        }
      }
    }
  }

  private static double[] lone(WorkerProcess alone, Path pairs) throws IOException {
    JsonNode seconds =
        alone.ask(Launcher.request("lone", pairs).put("repeats", LONE_TRIES)).path("seconds");
    double[] lone = new double[seconds.size()];
    for (int i = 0; i < lone.length; i++) {
      lone[i] = seconds.get(i).doubleValue();
    }
    return lone;
  }

  private static Point point(
      BenchmarkOptions options,
      WorkerProcess server,
      Path pairs,
      double[] lone,
      double load,
      double saturation,
      int round)
      throws IOException {
    double rate = load * saturation;
    JsonNode reply =
        server.ask(
            Launcher.request("load", pairs)
                .put("warmUp", Session.WARM_UP)
                .put("startSeconds", 1 + 2 * Session.WARM_UP / saturation)
                .put("pairsPerSecond", rate)
                .put("seconds", options.loadSeconds())
                .put("seed", 100L * round + Math.round(100 * load)));
    JsonNode indices = reply.path("indices");
    double[] seconds = new double[indices.size()];
    double[] toLone = new double[indices.size()];
    for (int i = 0; i < seconds.length; i++) {
      seconds[i] = reply.path("seconds").get(i).doubleValue();
      toLone[i] = seconds[i] / lone[indices.get(i).intValue() % lone.length];
    }
    return new Point(
        load,
        round,
        rate,
        options.loadSeconds(),
        seconds.length,
        percentiles(seconds, 1e3),
        percentiles(toLone, 1));
  }

  /** Returns the values as a histogram with three significant digits. */
  private static Percentiles percentiles(double[] values, double scale) {
    Histogram histogram = new Histogram(3);
    for (double value : values) {
      histogram.recordValue(Math.round(1e6 * value));
    }
    double unit = scale / 1e6;
    return new Percentiles(
        histogram.getValueAtPercentile(50) * unit,
        histogram.getValueAtPercentile(95) * unit,
        histogram.getValueAtPercentile(99) * unit,
        histogram.getMaxValue() * unit);
  }
}
