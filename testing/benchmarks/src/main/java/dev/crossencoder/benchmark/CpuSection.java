package dev.crossencoder.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.benchmark.checkpoint.ModelSize;
import dev.crossencoder.benchmark.report.CpuResult;
import dev.crossencoder.benchmark.report.CpuResult.Round;
import dev.crossencoder.model.TextPair;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures the CPU time of a process per pair with the smallest model, for which everything except
 * the forward pass has the largest share.
 */
final class CpuSection implements Section {
  private static final int QUICK_PAIRS = 512;

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public void run(Session session) throws IOException {
    ModelSize size = ModelSize.TINYBERT_L2;
    Workload workload = Workload.DL19;
    PreparedModel model = session.models().prepare(size);
    try (WorkerProcess alone = session.launcher().crossEncoder("alone", model.fp32());
        WorkerProcess operator = session.launcher().operator(model.fp32())) {
      alone.awaitReady();
      operator.awaitReady();
      List<TextPair> sample =
          Workload.sample(
              session.pairs(workload), session.options().quick() ? QUICK_PAIRS : Integer.MAX_VALUE);
      Path pairs = session.file("cpu", sample);
      int all = sample.size();
      double wanted = session.roughRate(alone, workload) * session.options().turnSeconds();
      int repeats = (int) Math.max(1, Math.round(wanted / all));
      // Warms up, because JIT compilation during the measurement would be attributed to the
      // operator.
      alone.ask(Launcher.request("score", pairs));
      round(session, alone, operator, pairs, all, repeats);
      List<Round> rounds = new ArrayList<>();
      for (int i = 0; i < session.options().rounds(); i++) {
        rounds.add(round(session, alone, operator, pairs, all, repeats));
        System.out.printf("cpu, round %d: %s%n", i + 1, rounds.get(i));
        session
            .results()
            .write(
                new CpuResult(
                    session.environment(),
                    size.key(),
                    workload.key(),
                    all * repeats,
                    List.copyOf(rounds)));
      }
    }
  }

  private static Round round(
      Session session,
      WorkerProcess alone,
      WorkerProcess operator,
      Path pairs,
      int all,
      int repeats)
      throws IOException {
    session.settle();
    JsonNode stream =
        operator.ask(
            Launcher.request("score", pairs).put("warmUp", all / 2).put("count", all * repeats));
    session.settle();
    JsonNode score = alone.ask(Launcher.request("score", pairs).put("repeats", repeats));
    session.settle();
    JsonNode forward = alone.ask(Launcher.request("forward", pairs).put("repeats", repeats));
    return new Round(
        1e6 * cpuSeconds(stream) / stream.path("pairs").intValue(),
        1e6 * cpuSeconds(score) / ((double) all * repeats),
        1e6 * cpuSeconds(forward) / ((double) all * repeats));
  }

  private static double cpuSeconds(JsonNode reply) {
    return reply.path("cpuSeconds").doubleValue();
  }
}
