package dev.crossencoder.model.bundle;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.model.Calibration;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.io.JsonFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Reads and writes {@code calibration.json}, the {@link Calibration} of a bundle. */
final class CalibrationFile {
  static final String NAME = "calibration.json";

  private CalibrationFile() {}

  static byte[] toJson(Calibration calibration) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("method", calibration.method().key());
    switch (calibration.method()) {
      case PLATT -> {
        root.put("slope", calibration.slope());
        root.put("intercept", calibration.intercept());
      }
      case TEMPERATURE -> root.put("temperature", calibration.temperature());
    }
    root.put("pairs", calibration.pairs());
    try {
      String json = JsonFiles.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(root);
      return (json + '\n').getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot write " + NAME, e);
    }
  }

  /**
   * Parses the file.
   *
   * @param file the path of the file, for messages
   * @throws InvalidModelException if a member is missing or invalid
   */
  static Calibration parse(Path file, byte[] json) {
    JsonNode root = JsonFiles.parseObject(file, json);
    int pairs = root.path("pairs").asInt();
    try {
      return switch (method(file, root)) {
        case PLATT ->
            Calibration.platt(number(file, root, "slope"), number(file, root, "intercept"), pairs);
        case TEMPERATURE -> Calibration.temperature(number(file, root, "temperature"), pairs);
      };
    } catch (IllegalArgumentException e) {
      throw new InvalidModelException("Cannot read %s. %s".formatted(file, e.getMessage()), e);
    }
  }

  private static Calibration.Method method(Path file, JsonNode root) {
    String key = root.path("method").asText();
    return Arrays.stream(Calibration.Method.values())
        .filter(method -> method.key().equals(key))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidModelException(
                    "Invalid method in %s: %s. It must be one of %s; a newer release may know it."
                        .formatted(
                            file,
                            root.path("method"),
                            Arrays.stream(Calibration.Method.values())
                                .map(Calibration.Method::key)
                                .collect(Collectors.joining(", ")))));
  }

  private static double number(Path file, JsonNode root, String key) {
    JsonNode node = root.path(key);
    if (!node.isNumber()) {
      throw new InvalidModelException(
          "Invalid %s in %s: %s. It must be a number."
              .formatted(key, file, node.isMissingNode() ? "missing" : node));
    }
    return node.doubleValue();
  }
}
