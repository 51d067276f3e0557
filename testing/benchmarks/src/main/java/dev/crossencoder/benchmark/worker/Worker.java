package dev.crossencoder.benchmark.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** What one process of the benchmark does. Used by one thread. */
interface Worker extends AutoCloseable {
  /**
   * Does what a request asks for and says what came of it.
   *
   * @param request {@code command}, and what belongs to it
   * @throws IllegalArgumentException if the command is not one of this worker's
   */
  ObjectNode answer(JsonNode request) throws Exception;

  @Override
  void close();

  /** Tells a request for something else. */
  static IllegalArgumentException unknown(JsonNode request, String known) {
    return new IllegalArgumentException(
        "Invalid command: %s. It must be one of %s."
            .formatted(request.path("command").asText(), known));
  }
}
