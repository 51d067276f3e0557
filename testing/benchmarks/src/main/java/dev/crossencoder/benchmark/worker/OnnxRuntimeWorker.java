package dev.crossencoder.benchmark.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.benchmark.engine.PaddedOnnxModel;
import dev.crossencoder.model.TextPair;
import java.nio.file.Path;
import java.util.List;

/** ONNX Runtime in a typical Java program: padded batches, sorted by number of tokens. */
final class OnnxRuntimeWorker implements Worker {
  private final PaddedOnnxModel model;

  /**
   * Loads the model.
   *
   * @param options {@code file}, {@code bundle} for the tokenizer, and {@code threads}
   */
  OnnxRuntimeWorker(JsonNode options) throws Exception {
    model =
        PaddedOnnxModel.open(
            Path.of(options.path("file").textValue()),
            Path.of(options.path("bundle").textValue()),
            options.path("threads").intValue());
  }

  @Override
  public ObjectNode answer(JsonNode request) throws Exception {
    if (!request.path("command").asText().equals("score")) {
      throw Worker.unknown(request, "score");
    }
    List<TextPair> pairs = PairFile.read(Path.of(request.path("pairs").textValue()));
    int batch = request.path("batch").asInt(32);
    float[][] rows = {};
    Clock clock = Clock.start();
    for (int i = 0; i < request.path("repeats").asInt(1); i++) {
      rows = model.logits(pairs, batch);
    }
    ObjectNode reply = clock.reply();
    ArrayNode logits = reply.putArray("logits");
    for (float[] row : rows) {
      ArrayNode values = logits.addArray();
      for (float value : row) {
        values.add(value);
      }
    }
    return reply;
  }

  @Override
  public void close() {
    model.close();
  }
}
