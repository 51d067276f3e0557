package dev.crossencoder.benchmark.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.benchmark.engine.MatrixMultiplications;
import dev.crossencoder.benchmark.engine.MatrixMultiplications.Part;
import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Runs forward passes and their matrix multiplications alone, in turns for each batch, on the same
 * thread and with the same libtorch.
 */
final class LimitWorker implements Worker {
  private static final int SQUARE_REPEATS = 5;

  private final CrossEncoder model;
  private final MatrixMultiplications multiplications;

  /**
   * Loads the model, and creates the multiplications from its configuration.
   *
   * @param options {@code bundle}, {@code checkpoint} and {@code threads}
   */
  LimitWorker(JsonNode options) throws IOException {
    int threads = options.path("threads").intValue();
    model =
        CrossEncoder.open(
            Path.of(options.path("bundle").textValue()),
            CrossEncoderOptions.DEFAULT.withThreads(threads));
    multiplications =
        MatrixMultiplications.open(Path.of(options.path("checkpoint").textValue()), threads);
  }

  @Override
  public ObjectNode answer(JsonNode request) throws IOException {
    if (!request.path("command").asText().equals("limit")) {
      throw Worker.unknown(request, "limit");
    }
    List<TextPair> pairs = PairFile.read(Path.of(request.path("pairs").textValue()));
    List<List<EncodedPair>> batches =
        CrossEncoderWorker.batches(pairs.stream().map(model::encode).toList());
    ArrayNode rounds = JsonNodeFactory.instance.arrayNode();
    long operations = batches.stream().mapToLong(multiplications::operations).sum();
    round(pairs, batches.subList(0, Math.min(4, batches.size())));
    for (int i = 0; i < request.path("rounds").intValue(); i++) {
      rounds.add(round(pairs, batches));
    }
    ObjectNode reply = JsonNodeFactory.instance.objectNode();
    reply.put("batches", batches.size()).put("gigaflops", operations / 1e9);
    reply.put("pairs", pairs.size());
    reply.put(
        "tokens", batches.stream().flatMap(List::stream).mapToLong(EncodedPair::length).sum());
    reply.set("rounds", rounds);
    return reply;
  }

  private ObjectNode round(List<TextPair> pairs, List<List<EncodedPair>> batches) {
    Map<Part, Double> seconds = new EnumMap<>(Part.class);
    double forward = 0;
    for (List<EncodedPair> batch : batches) {
      long start = System.nanoTime();
      model.scoreBatch(batch);
      forward += (System.nanoTime() - start) / 1e9;
      for (Part part : List.of(Part.LINEAR, Part.ATTENTION)) {
        start = System.nanoTime();
        multiplications.run(part, batch);
        seconds.merge(part, (System.nanoTime() - start) / 1e9, Double::sum);
      }
    }
    long start = System.nanoTime();
    model.score(pairs);
    double score = (System.nanoTime() - start) / 1e9;
    start = System.nanoTime();
    for (int i = 0; i < SQUARE_REPEATS; i++) {
      multiplications.run(Part.SQUARE, batches.get(0));
    }
    double square = (System.nanoTime() - start) / 1e9 / SQUARE_REPEATS;
    return JsonNodeFactory.instance
        .objectNode()
        .put("linearSeconds", seconds.get(Part.LINEAR))
        .put("attentionSeconds", seconds.get(Part.ATTENTION))
        .put("forwardSeconds", forward)
        .put("scoreSeconds", score)
        .put("squareGigaflopsPerSecond", MatrixMultiplications.SQUARE_OPERATIONS / square / 1e9);
  }

  @Override
  public void close() {
    multiplications.close();
    model.close();
  }
}
