package dev.crossencoder.job.change;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.operator.change.ModelRevision;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Iterator;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.flink.annotation.Internal;

/**
 * A wish for another revision of a model.
 *
 * @param name the name of the model; empty if the job has one
 * @param model the model; null for the one that the options name
 * @param digest the digest that its bundle must have; null for any
 * @param from when it is to be used at the earliest; null for as soon as it is ready
 */
@Internal
public record ChangeRequest(String name, String model, String digest, Instant from) {
  private static final ObjectMapper MAPPER =
      new ObjectMapper()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private static final Instant EARLIEST = Instant.parse("2000-01-01T00:00:00Z");
  private static final Instant LATEST = Instant.parse("2999-12-31T00:00:00Z");
  private static final Set<String> MEMBERS = Set.of("name", "model", "digest", "from");
  private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

  /** Creates the wish for the model that the options name. */
  static ChangeRequest ofOptions(String name) {
    return new ChangeRequest(name, null, null, null);
  }

  /** Creates the wish for a revision that was found. */
  static ChangeRequest of(String name, ModelRevision revision) {
    return new ChangeRequest(name, revision.model(), revision.digest(), null);
  }

  /**
   * Parses a control message: a key that is the name of a model, and a JSON object with {@code
   * model}, and perhaps {@code name}, {@code digest} and {@code from}. No value means the model
   * that the options name.
   *
   * @throws IllegalArgumentException if it is not valid; the message says why
   */
  static ChangeRequest parse(byte[] key, byte[] value) {
    String name = key == null ? "" : new String(key, StandardCharsets.UTF_8);
    if (value == null) {
      return ofOptions(name);
    }
    JsonNode json;
    try {
      json = MAPPER.readTree(value);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("It is not valid JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new IllegalArgumentException("It cannot be read: " + e, e);
    }
    if (json == null || !json.isObject()) {
      throw new IllegalArgumentException("It is not a JSON object.");
    }
    for (Iterator<String> members = json.fieldNames(); members.hasNext(); ) {
      String member = members.next();
      if (!MEMBERS.contains(member)) {
        throw new IllegalArgumentException(
            "It has the member '%s'. It may have name, model, digest and from.".formatted(member));
      }
    }
    String named = text(json, "name");
    if (named != null && !named.equals(name)) {
      throw new IllegalArgumentException(
          "Its key is '%s' and its name '%s': both must be the name of the model, so that the topic keeps the last message of each."
              .formatted(name, named));
    }
    String model = text(json, "model");
    if (model == null || model.isBlank()) {
      throw new IllegalArgumentException("It has no model.");
    }
    String digest = text(json, "digest");
    if (digest != null && !DIGEST.matcher(digest).matches()) {
      throw new IllegalArgumentException(
          "Its digest is not sha256: and 64 lower-case hexadecimal digits.");
    }
    return new ChangeRequest(name, model, digest, from(text(json, "from")));
  }

  private static String text(JsonNode json, String member) {
    JsonNode value = json.get(member);
    if (value == null || value.isNull()) {
      return null;
    }
    if (!value.isTextual()) {
      throw new IllegalArgumentException("Its %s is not a string.".formatted(member));
    }
    return value.textValue();
  }

  private static Instant from(String time) {
    if (time == null) {
      return null;
    }
    try {
      Instant from = Instant.parse(time);
      if (from.isBefore(EARLIEST) || from.isAfter(LATEST)) {
        throw new IllegalArgumentException(
            "Its time '%s' is not from %s to %s.".formatted(time, EARLIEST, LATEST));
      }
      return from;
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          "Its time '%s' is not one such as 2026-01-31T00:00:00Z.".formatted(time), e);
    }
  }

  /** Returns the value of the control message; null for the model that the options name. */
  byte[] value() {
    if (model == null) {
      return null;
    }
    ObjectNode json = MAPPER.createObjectNode().put("name", name).put("model", model);
    if (digest != null) {
      json.put("digest", digest);
    }
    if (from != null) {
      json.put("from", from.toString());
    }
    return json.toString().getBytes(StandardCharsets.UTF_8);
  }
}
