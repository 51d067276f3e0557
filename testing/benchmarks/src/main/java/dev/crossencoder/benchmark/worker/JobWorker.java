package dev.crossencoder.benchmark.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.kafka.EmbeddedKafka;
import dev.crossencoder.model.TextPair;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.util.FileUtils;

/**
 * The whole job with a broker in this process. Each request fills a new input topic before the job
 * starts.
 */
final class JobWorker implements Worker {
  private final Path folder = Files.createTempDirectory("benchmark-kafka-");
  private final EmbeddedKafka kafka = EmbeddedKafka.start(folder);
  private final String bundle;
  private final int threads;
  private int requests;

  /**
   * Starts the broker.
   *
   * @param options {@code bundle} and {@code threads}
   */
  JobWorker(JsonNode options) throws Exception {
    bundle = options.path("bundle").textValue();
    threads = options.path("threads").intValue();
  }

  @Override
  public ObjectNode answer(JsonNode request) throws Exception {
    if (!request.path("command").asText().equals("score")) {
      throw Worker.unknown(request, "score");
    }
    int warmUp = request.path("warmUp").intValue();
    List<TextPair> pairs =
        PairFile.cycle(
            PairFile.read(Path.of(request.path("pairs").textValue())),
            warmUp + request.path("count").intValue());
    String name = "run-" + requests++;
    kafka.createTopic(name, 1);
    new Topics(kafka.bootstrapServers()).produce(name, pairs);
    JobRun run = new JobRun(kafka, name, bundle, threads);
    return reply(run.measure(warmUp, pairs.size()));
  }

  private static ObjectNode reply(JobRun.Measured measured) {
    ObjectNode reply = JsonNodeFactory.instance.objectNode();
    reply
        .put("seconds", measured.seconds())
        .put("first", measured.firstPair())
        .put("pairs", measured.results().size() - measured.firstPair());
    ArrayNode logits = reply.putArray("logits");
    measured.results().forEach(result -> logits.addArray().add(result.logit()));
    return reply;
  }

  @Override
  public void close() {
    try {
      kafka.close();
    } finally {
      FileUtils.deleteDirectoryQuietly(folder.toFile());
    }
  }
}
