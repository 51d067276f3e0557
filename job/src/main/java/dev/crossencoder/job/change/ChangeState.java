package dev.crossencoder.job.change;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.operator.change.ModelTag;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.annotation.Internal;

/**
 * The part of a checkpoint that concerns changes of models.
 *
 * @param tag the tag of the records
 * @param previous the revision that was in use before, by the name of the model
 * @param waiting the changes that were asked for and have not happened
 * @param positions the next offset of each partition of the control topic
 */
@Internal
public record ChangeState(
    ModelTag tag,
    Map<String, ModelStatus.Revision> previous,
    List<ChangeRequest> waiting,
    Map<Integer, Long> positions) {
  /** The state of a job that has just begun. */
  static final ChangeState EMPTY = new ChangeState(ModelTag.NONE, Map.of(), List.of(), Map.of());

  private static final ObjectMapper MAPPER = new ObjectMapper();

  public ChangeState {
    previous = Map.copyOf(previous);
    waiting = List.copyOf(waiting);
    positions = Map.copyOf(positions);
  }

  /** Returns the state as bytes. */
  public byte[] bytes() {
    ObjectNode json = MAPPER.createObjectNode().put("tag", tag.text());
    json.set("previous", MAPPER.valueToTree(previous));
    ArrayNode requests = json.putArray("waiting");
    for (ChangeRequest request : waiting) {
      byte[] value = request.value();
      requests
          .addObject()
          .put("name", request.name())
          .put("value", value == null ? null : new String(value, StandardCharsets.UTF_8));
    }
    json.set("positions", MAPPER.valueToTree(new TreeMap<>(positions)));
    return json.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Returns the state that {@link #bytes} wrote. */
  public static ChangeState parse(byte[] bytes) throws IOException {
    JsonNode json = MAPPER.readTree(bytes);
    List<ChangeRequest> waiting = new ArrayList<>();
    for (JsonNode request : json.get("waiting")) {
      JsonNode value = request.get("value");
      waiting.add(
          ChangeRequest.parse(
              request.get("name").textValue().getBytes(StandardCharsets.UTF_8),
              value.isNull() ? null : value.textValue().getBytes(StandardCharsets.UTF_8)));
    }
    return new ChangeState(
        ModelTag.parse(json.get("tag").textValue()),
        MAPPER.convertValue(
            json.get("previous"), new TypeReference<Map<String, ModelStatus.Revision>>() {}),
        waiting,
        MAPPER.convertValue(json.get("positions"), new TypeReference<Map<Integer, Long>>() {}));
  }
}
