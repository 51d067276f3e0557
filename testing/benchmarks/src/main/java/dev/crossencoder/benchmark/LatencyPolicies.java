package dev.crossencoder.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.crossencoder.benchmark.report.Environment;
import dev.crossencoder.benchmark.simulation.Arrivals;
import dev.crossencoder.benchmark.simulation.PassCost;
import dev.crossencoder.benchmark.simulation.PassTimer;
import dev.crossencoder.benchmark.simulation.PolicyPoint;
import dev.crossencoder.benchmark.simulation.PolicyStudy;
import dev.crossencoder.benchmark.worker.Schedule;
import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.Precision;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.hub.DownloadListener;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Studies whether batch limits and precision that follow the queue lower latency. Measures forward
 * passes of fp32 and int8 on two cores, compares the simulation with the operator at two loads, and
 * simulates all policies with recorded arrivals. Measurements are kept in {@code benchmark.output}.
 *
 * <p>System properties: {@code crossencoder.data}, {@code benchmark.results} (docs/studies), {@code
 * benchmark.arrivals} (a folder with traces as CSV files; without it, only a Poisson process is
 * simulated), {@code benchmark.model} (demo-qa), {@code benchmark.load.seconds} (60).
 */
public final class LatencyPolicies {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
  private static final int PAIRS = 1024;
  private static final int POISSON_PAIRS = 20_000;
  private static final int SEED = 5;
  private static final double PASS_SECONDS = 1;
  private static final double[] VALIDATED_LOADS = {0.5, 0.8};
  private static final int SATURATION_PAIRS = 1500;

  private LatencyPolicies() {}

  /**
   * What was measured.
   *
   * @param environment where and when, and what other processes did meanwhile
   * @param model the model
   * @param lengths the tokens of the pairs
   * @param fp32 its forward passes in fp32
   * @param int8 its forward passes in int8
   */
  record Costs(
      Environment environment, String model, int[] lengths, PassCost fp32, PassCost int8) {}

  /**
   * The operator with default options.
   *
   * @param environment where and when, and what other processes did meanwhile
   * @param points at several loads
   */
  record Operator(Environment environment, List<Measured> points) {}

  /**
   * The operator at one load.
   *
   * @param load of its own saturation
   * @param saturation pairs per second
   * @param perSecond the rate of arrivals
   * @param seconds how long
   * @param seed of the arrivals
   * @param p50 milliseconds
   * @param p99 milliseconds
   */
  record Measured(
      double load,
      double saturation,
      double perSecond,
      double seconds,
      long seed,
      double p50,
      double p99) {}

  /** Measures what is not measured yet, simulates, and writes the results. */
  public static void main(String[] args) throws Exception {
    String model = System.getProperty("benchmark.model", "demo-qa");
    Path cache = Path.of(System.getProperty("benchmark.output", ".")).resolve("latency-policies");
    List<TextPair> pairs = new ArrayList<>(Dl19Pairs.evenlySpaced(Dl19Pairs.read(), PAIRS));
    Collections.shuffle(pairs, new Random(SEED));
    Session session = new Session(BenchmarkOptions.read());
    Costs costs = costs(session, cache.resolve("costs.json"), model, pairs);
    PolicyStudy study = new PolicyStudy(costs.lengths(), costs.fp32(), costs.int8());
    System.out.printf("others' CPU during the passes: %.3f%n", costs.environment().otherCpuShare());
    System.out.printf("simulated saturation: %.1f pairs/s in fp32%n", study.saturation());
    Operator measured = measured(session, cache.resolve("operator.json"), model, pairs);
    System.out.printf(
        "others' CPU during the operator's run: %.3f%n", measured.environment().otherCpuShare());
    for (Measured point : measured.points()) {
      System.out.println(compare(point, study));
    }
    for (Arrivals arrivals : arrivals()) {
      study.study(arrivals);
    }
    String results = System.getProperty("benchmark.results", "");
    Path folder = Files.createDirectories(Path.of(results.isBlank() ? "docs/studies" : results));
    write(
        folder.resolve("latency-policies.json"),
        new Study(costs, measured, study.saturation(), study.compared()));
    System.out.print(study.report());
  }

  /** What is written. */
  record Study(Costs costs, Operator operator, double saturation, List<PolicyPoint> points) {}

  private static List<Arrivals> arrivals() throws IOException {
    List<Arrivals> arrivals = new ArrayList<>();
    arrivals.add(Arrivals.poisson(POISSON_PAIRS, SEED));
    String folder = System.getProperty("benchmark.arrivals", "");
    if (!folder.isBlank()) {
      try (var files = Files.list(Path.of(folder))) {
        for (Path file : files.filter(path -> path.toString().endsWith(".csv")).sorted().toList()) {
          arrivals.add(
              Arrivals.read(file.getFileName().toString().replaceAll("[.]csv$", ""), file));
        }
      }
    }
    return arrivals;
  }

  private static Costs costs(Session session, Path file, String model, List<TextPair> pairs)
      throws Exception {
    if (!Files.exists(file)) {
      session.watch();
      List<PassCost> costs = new ArrayList<>();
      int[] lengths = {};
      for (Precision precision : List.of(Precision.FP32, Precision.INT8)) {
        try (CrossEncoder crossEncoder =
            CrossEncoder.open(bundle(model, precision), CrossEncoderOptions.DEFAULT)) {
          List<EncodedPair> encoded = pairs.stream().map(crossEncoder::encode).toList();
          lengths = encoded.stream().mapToInt(EncodedPair::length).toArray();
          costs.add(new PassTimer(crossEncoder, encoded, PASS_SECONDS).measure());
          System.out.printf("%s: %s%n", precision, MAPPER.writeValueAsString(costs));
        }
      }
      write(file, new Costs(session.environment(), model, lengths, costs.get(0), costs.get(1)));
    }
    return MAPPER.readValue(file.toFile(), Costs.class);
  }

  private static Bundle bundle(String model, Precision precision) {
    return ModelRepository.shared().resolve(model, precision, DownloadListener.SILENT);
  }

  /** Runs the operator with default options, in a process of its own. */
  private static Operator measured(Session session, Path file, String model, List<TextPair> some)
      throws IOException {
    if (!Files.exists(file)) {
      session.watch();
      double seconds = session.options().loadSeconds();
      Path pairs = session.file("latency-policies", some);
      List<Measured> measured = new ArrayList<>();
      try (WorkerProcess operator =
          session.launcher().operator(bundle(model, Precision.FP32).folder())) {
        operator.awaitReady();
        JsonNode full =
            operator.ask(
                Launcher.request("score", pairs)
                    .put("warmUp", Session.WARM_UP)
                    .put("count", SATURATION_PAIRS));
        double saturation = full.path("pairs").intValue() / full.path("seconds").doubleValue();
        for (double load : VALIDATED_LOADS) {
          session.settle();
          double rate = load * saturation;
          long seed = Math.round(100 * load);
          JsonNode reply =
              operator.ask(
                  Launcher.request("load", pairs)
                      .put("warmUp", Session.WARM_UP)
                      .put("startSeconds", startSeconds(saturation))
                      .put("pairsPerSecond", rate)
                      .put("seconds", seconds)
                      .put("seed", seed));
          double[] millis = new double[reply.path("seconds").size()];
          for (int i = 0; i < millis.length; i++) {
            millis[i] = 1e3 * reply.path("seconds").get(i).doubleValue();
          }
          measured.add(
              new Measured(
                  load,
                  saturation,
                  rate,
                  seconds,
                  seed,
                  percentile(millis, 50),
                  percentile(millis, 99)));
        }
      }
      write(file, new Operator(session.environment(), measured));
    }
    return MAPPER.readValue(file.toFile(), Operator.class);
  }

  private static double startSeconds(double saturation) {
    return 1 + 2 * Session.WARM_UP / saturation;
  }

  /** Simulates the same arrivals of the same pairs. */
  private static String compare(Measured point, PolicyStudy study) {
    Schedule schedule =
        Schedule.poisson(
            Session.WARM_UP,
            startSeconds(point.saturation()),
            point.perSecond(),
            point.seconds(),
            point.seed());
    double[] arrivals = new double[schedule.size()];
    for (int i = 0; i < arrivals.length; i++) {
      arrivals[i] = schedule.nanos(i) / 1e6;
    }
    double[] millis = study.usual(arrivals);
    double[] counted = Arrays.copyOfRange(millis, Session.WARM_UP, millis.length);
    return "load %.2f of %.1f pairs/s, %d pairs: p50 %.1f ms, simulated %.1f ms; p99 %.1f ms, simulated %.1f ms"
        .formatted(
            point.load(),
            point.saturation(),
            counted.length,
            point.p50(),
            percentile(counted, 50),
            point.p99(),
            percentile(counted, 99));
  }

  private static double percentile(double[] values, double percent) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[Math.max(0, (int) Math.ceil(percent / 100 * sorted.length) - 1)];
  }

  private static void write(Path file, Object value) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(file, MAPPER.writeValueAsString(value) + "\n");
  }
}
