package dev.crossencoder.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.benchmark.checkpoint.ModelSize;
import dev.crossencoder.benchmark.report.PipelineResult;
import dev.crossencoder.benchmark.report.PipelineResult.Round;
import dev.crossencoder.benchmark.report.ThroughputResult.ScoreError;
import dev.crossencoder.benchmark.worker.PairFile;
import dev.crossencoder.benchmark.worker.WorkerMain.Kind;
import dev.crossencoder.model.TextPair;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures the cost of Flink and Kafka. {@code CrossEncoder.score} alone, the operator in a job
 * from a collection, and the whole job through a broker take turns with the same pairs, threads and
 * batch limits. Tokenizing is part of every measured time. All logits are compared.
 */
final class PipelineSection implements Section {
  private static final JsonMapper MAPPER = new JsonMapper();

  @Override
  public String name() {
    return "pipeline";
  }

  @Override
  public void run(Session session) throws IOException {
    ModelSize size = ModelSize.MINILM_L6;
    Workload workload = Workload.DL19;
    PreparedModel model = session.models().prepare(size);
    Launcher launcher = session.launcher();
    try (WorkerProcess alone = launcher.crossEncoder("alone", model.fp32());
        WorkerProcess operator = launcher.operator(model.fp32());
        WorkerProcess job =
            launcher.java(
                "job", Kind.JOB, "2g", Launcher.json().put("bundle", model.fp32().toString()))) {
      alone.awaitReady();
      operator.awaitReady();
      job.awaitReady();
      int count = (int) (session.roughRate(alone, workload) * session.options().sideSeconds());
      count = Math.max(2 * Session.WARM_UP, count);
      Path all = session.file("pipeline", cycle(session.pairs(workload), Session.WARM_UP + count));
      List<TextPair> written = PairFile.read(all);
      Path clocked =
          session.file("pipeline-clocked", written.subList(Session.WARM_UP, written.size()));
      List<Round> rounds = new ArrayList<>();
      for (int i = 0; i < session.options().rounds(); i++) {
        rounds.add(round(session, alone, operator, job, all, clocked, count));
        System.out.printf("pipeline, round %d: %s%n", i + 1, rounds.get(i));
        session
            .results()
            .write(
                new PipelineResult(
                    session.environment(), size.key(), workload.key(), count, List.copyOf(rounds)));
      }
    }
  }

  private static List<TextPair> cycle(List<TextPair> pairs, int count) {
    List<TextPair> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(pairs.get(i % pairs.size()));
    }
    return all;
  }

  private static Round round(
      Session session,
      WorkerProcess alone,
      WorkerProcess operator,
      WorkerProcess job,
      Path all,
      Path clocked,
      int count)
      throws IOException {
    JsonNode model = alone.ask(Launcher.request("score", clocked));
    session.settle();
    JsonNode stream = operator.ask(request(all, count));
    session.settle();
    JsonNode kafka = job.ask(request(all, count));
    session.settle();
    checkEqual("operator", stream.path("logits"), model.path("logits"));
    checkEqual("job", kafka.path("logits"), model.path("logits"));
    return new Round(count / model.path("seconds").doubleValue(), rate(stream), rate(kafka));
  }

  private static ObjectNode request(Path pairs, int count) {
    return Launcher.request("score", pairs).put("warmUp", Session.WARM_UP).put("count", count);
  }

  private static double rate(JsonNode reply) {
    return reply.path("pairs").intValue() / reply.path("seconds").doubleValue();
  }

  private static void checkEqual(String side, JsonNode logits, JsonNode expected)
      throws IOException {
    ArrayNode measured = MAPPER.createArrayNode();
    for (int i = Session.WARM_UP; i < logits.size(); i++) {
      measured.add(logits.get(i));
    }
    ScoreError error = Logits.error(measured, expected);
    if (!(error.largest() <= ScoreError.TOLERANCE)) {
      throw new IOException(
          "Cannot compare the rates, the scores differ: logits of the %s by up to %s from the model's."
              .formatted(side, error.largest()));
    }
  }
}
