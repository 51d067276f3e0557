package dev.crossencoder.benchmark.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.repository.ModelRepository;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The workers in Java with an embedded model, without the processes around them. */
@Tag("full")
class WorkersITCase {
  private static final int PAIRS = 40;

  @TempDir Path folder;

  private Path pairs;
  private ObjectNode options;

  @BeforeEach
  void writePairs() throws IOException {
    pairs = folder.resolve("pairs.jsonl");
    List<TextPair> some =
        IntStream.range(0, PAIRS)
            .mapToObj(i -> new TextPair("who lit lamp " + i, "the keeper did ".repeat(1 + i % 5)))
            .toList();
    PairFile.write(pairs, some);
    options =
        JsonNodeFactory.instance
            .objectNode()
            .put("bundle", ModelRepository.shared().resolve("demo-qa").folder().toString())
            .put("threads", Runtime.getRuntime().availableProcessors());
  }

  private ObjectNode request(String command) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("command", command)
        .put("pairs", pairs.toString());
  }

  private static double logit(JsonNode reply, int index) {
    return reply.path("logits").get(index).get(0).doubleValue();
  }

  @Test
  void theModelAloneScoresEveryPairAndMeasuresTime() throws Exception {
    try (Worker worker = new CrossEncoderWorker(options)) {
      JsonNode scored = worker.answer(request("score").put("repeats", 2));

      assertThat(scored.path("logits")).hasSize(PAIRS);
      assertThat(scored.path("seconds").doubleValue()).isPositive();
      assertThat(scored.path("cpuSeconds").doubleValue()).isPositive();
      assertThat(worker.answer(request("lengths")).path("lengths")).hasSize(PAIRS);
      assertThat(worker.answer(request("lone").put("repeats", 3)).path("seconds")).hasSize(PAIRS);
      JsonNode endured = worker.answer(request("endure").put("total", 100).put("window", 20));
      assertThat(endured.path("tokensPerSecond")).hasSize(5);
    }
  }

  @Test
  void theOperatorGivesTheModelsScoresInOrder() throws Exception {
    JsonNode expected;
    try (Worker worker = new CrossEncoderWorker(options)) {
      expected = worker.answer(request("score"));
    }
    try (Worker worker = new OperatorWorker(options)) {
      JsonNode scored = worker.answer(request("score").put("warmUp", 40).put("count", 80));

      assertThat(scored.path("logits")).hasSize(120);
      assertThat(scored.path("pairs").intValue()).isBetween(17, 80);
      assertThat(scored.path("seconds").doubleValue()).isPositive();
      for (int i = 0; i < 120; i++) {
        assertThat(logit(scored, i)).isCloseTo(logit(expected, i % PAIRS), within(1e-4));
      }
    }
  }

  @Test
  void latencyCountsFromTheIntendedArrival() throws Exception {
    ObjectNode request =
        request("load")
            .put("warmUp", 32)
            .put("startSeconds", 2.0)
            .put("pairsPerSecond", 20.0)
            .put("seconds", 2.0)
            .put("seed", 1);
    for (Worker worker : List.of(new OperatorWorker(options), new CrossEncoderWorker(options))) {
      JsonNode reply;
      try (worker) {
        reply = worker.answer(request);
      }

      Schedule schedule = Schedule.poisson(32, 2, 20, 2, 1);
      assertThat(reply.path("seconds")).hasSize(schedule.size() - 32);
      assertThat(reply.path("indices").get(0).intValue()).isEqualTo(32);
      for (JsonNode seconds : reply.path("seconds")) {
        assertThat(seconds.doubleValue()).isBetween(0.0005, 30.0);
      }
    }
  }

  @Test
  void anUnknownCommandIsRefused() throws Exception {
    try (Worker worker = new CrossEncoderWorker(options)) {
      assertThatThrownBy(() -> worker.answer(request("dance")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "Invalid command: dance. It must be one of lengths, score, forward, lone, load, endure.");
    }
  }
}
