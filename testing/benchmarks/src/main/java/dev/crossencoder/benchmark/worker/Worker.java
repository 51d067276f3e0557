package dev.crossencoder.benchmark.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Answers the requests to one process of the benchmark. Used by one thread. */
interface Worker extends AutoCloseable {
  /**
   * Executes a request and returns the reply.
   *
   * @param request an object with {@code command} and its parameters
   * @throws IllegalArgumentException if the worker does not know the command
   */
  ObjectNode answer(JsonNode request) throws Exception;

  @Override
  void close();

  /** Returns the exception for an unknown command. */
  static IllegalArgumentException unknown(JsonNode request, String known) {
    return new IllegalArgumentException(
        "Invalid command: %s. It must be one of %s."
            .formatted(request.path("command").asText(), known));
  }
}
