package dev.crossencoder.job.record;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import dev.crossencoder.model.Score;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.apache.flink.annotation.Internal;

/**
 * Writes the result of one pair as JSON: the added member that docs/result.md describes.
 *
 * @param model the model's name
 * @param revision the bundle's digest
 * @param logits whether to write the logits, too
 */
@Internal
public record ScoreJson(String model, String revision, boolean logits) {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER).build();

  /** Returns a JSON object in UTF-8. */
  public byte[] write(Score score) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(256);
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("model", model);
      json.writeStringField("revision", revision);
      json.writeNumberField("score", score.score());
      if (score.label() != null) {
        json.writeStringField("label", score.label());
        json.writeObjectFieldStart("scores");
        for (Map.Entry<String, Float> label : score.scores().entrySet()) {
          json.writeNumberField(label.getKey(), label.getValue());
        }
        json.writeEndObject();
      }
      json.writeBooleanField("truncated", score.truncated());
      if (logits) {
        json.writeArrayFieldStart("logits");
        for (float logit : score.logits()) {
          json.writeNumber(logit);
        }
        json.writeEndArray();
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write to memory", e);
    }
    return out.toByteArray();
  }

  /** Returns a string as JSON, in UTF-8. */
  public static byte[] quote(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(text.length() + 2);
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeString(text);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write to memory", e);
    }
    return out.toByteArray();
  }
}
