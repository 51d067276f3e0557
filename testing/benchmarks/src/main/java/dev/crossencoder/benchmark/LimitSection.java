package dev.crossencoder.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.benchmark.checkpoint.ModelSize;
import dev.crossencoder.benchmark.engine.MatrixMultiplications;
import dev.crossencoder.benchmark.report.LimitResult;
import dev.crossencoder.benchmark.report.LimitResult.Round;
import dev.crossencoder.benchmark.worker.WorkerMain.Kind;
import dev.crossencoder.model.TextPair;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Compares the time of matrix multiplications with that of whole forward passes. */
final class LimitSection implements Section {
  /** The largest plausible speed relative to a large square multiplication. */
  private static final double IMPOSSIBLE = 1.5;

  @Override
  public String name() {
    return "limit";
  }

  @Override
  public void run(Session session) throws IOException {
    List<LimitResult.Model> measured = new ArrayList<>();
    for (ModelSize size : session.options().sizes()) {
      PreparedModel model = session.models().prepare(size);
      if (!MatrixMultiplications.supports(model.checkpoint())) {
        continue;
      }
      measured.add(measure(session, model));
      session.results().write(new LimitResult(session.environment(), List.copyOf(measured)));
    }
  }

  private static LimitResult.Model measure(Session session, PreparedModel model)
      throws IOException {
    Workload workload = Workload.DL19;
    List<TextPair> sample;
    try (WorkerProcess alone = session.launcher().crossEncoder("rate", model.fp32())) {
      alone.awaitReady();
      double rate = session.roughRate(alone, workload);
      // A round consists of passes, multiplications and scoring, each of about the same duration.
      int wanted = (int) (rate * session.options().turnSeconds() / 2);
      sample = Workload.sample(session.pairs(workload), wanted);
    }
    try (WorkerProcess worker =
        session
            .launcher()
            .java(
                "limit",
                Kind.LIMIT,
                "1g",
                Launcher.json()
                    .put("bundle", model.fp32().toString())
                    .put("checkpoint", model.checkpoint().toString()))) {
      worker.awaitReady();
      JsonNode reply =
          worker.ask(
              Launcher.request("limit", session.file("limit", sample))
                  .put("rounds", session.options().rounds()));
      List<Round> rounds = new ArrayList<>();
      for (JsonNode round : reply.path("rounds")) {
        rounds.add(
            new Round(
                round.path("linearSeconds").doubleValue(),
                round.path("attentionSeconds").doubleValue(),
                round.path("forwardSeconds").doubleValue(),
                round.path("scoreSeconds").doubleValue(),
                round.path("squareGigaflopsPerSecond").doubleValue()));
      }
      checkPossible(reply.path("gigaflops").doubleValue(), rounds);
      System.out.printf(
          "limit, %s: multiplications are %.2f of the forward pass%n",
          model.size().key(), rounds.get(0).ofForward());
      return new LimitResult.Model(
          model.size().key(),
          workload.key(),
          reply.path("pairs").intValue(),
          reply.path("tokens").longValue(),
          reply.path("batches").intValue(),
          reply.path("gigaflops").doubleValue(),
          rounds);
    }
  }

  /** Detects a compiler that removes multiplications whose results are unused. */
  private static void checkPossible(double gigaflops, List<Round> rounds) throws IOException {
    for (Round round : rounds) {
      double rate = gigaflops / (round.linearSeconds() + round.attentionSeconds());
      if (rate > IMPOSSIBLE * round.squareGigaflopsPerSecond()) {
        throw new IOException(
            "Cannot measure the limit, the multiplications ran at %.0f GFLOP/s and a large square at %.0f."
                .formatted(rate, round.squareGigaflopsPerSecond()));
      }
    }
  }
}
