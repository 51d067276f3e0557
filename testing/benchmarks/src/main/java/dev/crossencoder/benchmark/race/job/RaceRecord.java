package dev.crossencoder.benchmark.race.job;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/** A record: a JSON object with the members {@code query} and {@code passage}. */
final class RaceRecord {
  static final JsonMapper MAPPER = new JsonMapper();

  private final ObjectNode json;

  private RaceRecord(ObjectNode json) {
    this.json = json;
  }

  static RaceRecord parse(byte[] value) throws IOException {
    return new RaceRecord((ObjectNode) MAPPER.readTree(value));
  }

  String query() {
    return json.path("query").textValue();
  }

  String passage() {
    return json.path("passage").textValue();
  }

  /** Returns the record with the member {@code score}. */
  byte[] scored(float score) throws IOException {
    return MAPPER.writeValueAsBytes(json.put("score", score));
  }
}
