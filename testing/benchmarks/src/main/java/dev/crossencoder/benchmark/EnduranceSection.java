package dev.crossencoder.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.benchmark.checkpoint.ModelSize;
import dev.crossencoder.benchmark.report.EnduranceResult;
import dev.crossencoder.benchmark.report.EnduranceResult.Run;
import dev.crossencoder.benchmark.worker.WorkerMain.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures drift of throughput and memory: {@code CrossEncoder} alone with many pairs and a small
 * heap.
 */
final class EnduranceSection implements Section {
  private static final String HEAP = "256m";

  /** The number of pairs of a window, which takes some seconds. */
  private static final int WINDOWS = 50;

  @Override
  public String name() {
    return "endurance";
  }

  @Override
  public void run(Session session) throws IOException {
    ModelSize size = ModelSize.MINILM_L6;
    Workload workload = Workload.DL19;
    PreparedModel model = session.models().prepare(size);
    Path pairs = session.file("endurance", session.pairs(workload));
    int total = session.options().endurancePairs();
    try (WorkerProcess worker =
        session
            .launcher()
            .java(
                "endurance",
                Kind.CROSS_ENCODER,
                HEAP,
                Launcher.json().put("bundle", model.fp32().toString()))) {
      worker.awaitReady();
      JsonNode reply =
          worker.ask(
              Launcher.request("endure", pairs)
                  .put("total", total)
                  .put("window", Math.max(1, total / WINDOWS)));
      List<Double> rates = new ArrayList<>();
      reply.path("tokensPerSecond").forEach(rate -> rates.add(rate.doubleValue()));
      Run run =
          new Run(
              rates,
              reply.path("anonymousPeakBytes").longValue(),
              reply.path("peakBytes").longValue());
      System.out.printf(
          "endurance: last fifth ÷ first fifth %.3f, anonymous memory %d MB%n",
          run.lastToFirstFifth(), run.anonymousPeakBytes() / 1_000_000);
      session
          .results()
          .write(
              new EnduranceResult(
                  session.environment(),
                  size.key(),
                  workload.key(),
                  total,
                  HEAP,
                  Files.size(model.checkpoint().resolve("model.safetensors")),
                  List.of(run)));
    }
  }
}
