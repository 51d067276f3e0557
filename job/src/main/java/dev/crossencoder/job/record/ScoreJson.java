package dev.crossencoder.job.record;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.io.SerializedString;
import dev.crossencoder.model.Chunk;
import dev.crossencoder.model.Score;
import dev.crossencoder.operator.Classified;
import dev.crossencoder.operator.Ranked;
import dev.crossencoder.operator.RankedDocument;
import dev.crossencoder.operator.RefusedDocument;
import dev.crossencoder.operator.Stage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.apache.flink.annotation.Internal;

/**
 * Writes the result of a record as JSON: the added member that docs/result.md describes.
 *
 * @param model the model's name
 * @param revision the bundle's digest
 * @param logits whether to write the logits, too
 */
@Internal
public record ScoreJson(String model, String revision, boolean logits) {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER).build();

  /** The names that each document has, which are encoded once. */
  private static final SerializableString INDEX = new SerializedString("index");

  private static final SerializableString RELEVANCE_SCORE = new SerializedString("relevance_score");
  private static final SerializableString TRUNCATED = new SerializedString("truncated");

  /** The usual size of the result of a document without its text. */
  private static final int DOCUMENT_BYTES = 80;

  /** Returns a JSON object in UTF-8. */
  public byte[] write(Score score) {
    return write(score, List.of(), 0);
  }

  /**
   * Returns the result of a pair as a JSON object in UTF-8.
   *
   * @param stages the models of a cascade; empty without a cascade
   * @param stage the index of the model that gave the score
   */
  public byte[] write(Score score, List<Stage> stages, int stage) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(256);
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("model", model);
      json.writeStringField("revision", revision);
      writeStages(json, stages);
      json.writeNumberField("score", score.score());
      writeStage(json, stages, stage);
      writeDetails(json, score);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write to memory", e);
    }
    return out.toByteArray();
  }

  /**
   * Returns the result of a query and its documents as a JSON object in UTF-8.
   *
   * @param texts the documents of the record, to be added to the results; empty for none
   */
  public byte[] write(Ranked<?> ranked, List<String> texts) {
    ByteArrayOutputStream out =
        new ByteArrayOutputStream(256 + DOCUMENT_BYTES * ranked.results().size());
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("model", model);
      json.writeStringField("revision", revision);
      writeStages(json, ranked.stages());
      json.writeArrayFieldStart("results");
      for (RankedDocument document : ranked.results()) {
        json.writeStartObject();
        json.writeFieldName(INDEX);
        json.writeNumber(document.index());
        json.writeFieldName(RELEVANCE_SCORE);
        json.writeNumber(document.score().score());
        writeStage(json, ranked.stages(), document.stage());
        writeDetails(json, document.score());
        if (!texts.isEmpty()) {
          json.writeObjectFieldStart("document");
          json.writeStringField("text", texts.get(document.index()));
          json.writeEndObject();
        }
        json.writeEndObject();
      }
      json.writeEndArray();
      if (!ranked.errors().isEmpty()) {
        json.writeArrayFieldStart("errors");
        for (RefusedDocument document : ranked.errors()) {
          json.writeStartObject();
          json.writeNumberField("index", document.index());
          json.writeStringField("code", document.failure().code());
          json.writeStringField("message", document.failure().message());
          json.writeEndObject();
        }
        json.writeEndArray();
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write to memory", e);
    }
    return out.toByteArray();
  }

  /** Returns the labels of a text with their scores as a JSON object in UTF-8. */
  public byte[] write(Classified<?> classified) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("model", model);
      json.writeStringField("revision", revision);
      json.writeArrayFieldStart("labels");
      for (String label : classified.labels()) {
        json.writeString(label);
      }
      json.writeEndArray();
      json.writeArrayFieldStart("scores");
      for (float score : classified.scores()) {
        json.writeNumber(score);
      }
      json.writeEndArray();
      json.writeBooleanField("truncated", classified.truncated());
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write to memory", e);
    }
    return out.toByteArray();
  }

  private static void writeStages(JsonGenerator json, List<Stage> stages) throws IOException {
    if (!stages.isEmpty()) {
      json.writeArrayFieldStart("stages");
      for (Stage stage : stages) {
        json.writeStartObject();
        json.writeStringField("model", stage.model());
        json.writeStringField("revision", stage.revision());
        json.writeEndObject();
      }
      json.writeEndArray();
    }
  }

  private static void writeStage(JsonGenerator json, List<Stage> stages, int stage)
      throws IOException {
    if (!stages.isEmpty()) {
      json.writeNumberField("stage", stage);
    }
  }

  /** Writes what the result of a pair and that of a document have in common. */
  private void writeDetails(JsonGenerator json, Score score) throws IOException {
    if (score.label() != null) {
      json.writeStringField("label", score.label());
      json.writeObjectFieldStart("scores");
      for (Map.Entry<String, Float> label : score.scores().entrySet()) {
        json.writeNumberField(label.getKey(), label.getValue());
      }
      json.writeEndObject();
    }
    json.writeFieldName(TRUNCATED);
    json.writeBoolean(score.truncated());
    writeChunks(json, score);
    if (logits) {
      json.writeArrayFieldStart("logits");
      for (float logit : score.logits()) {
        json.writeNumber(logit);
      }
      json.writeEndArray();
    }
  }

  /** Writes where in a long text the score comes from. */
  private static void writeChunks(JsonGenerator json, Score score) throws IOException {
    if (score.bestChunk() != null) {
      json.writeFieldName("best_chunk");
      writeChunk(json, score.bestChunk());
    }
    if (!score.bestChunks().isEmpty()) {
      json.writeObjectFieldStart("best_chunks");
      for (Map.Entry<String, Chunk> label : score.bestChunks().entrySet()) {
        json.writeFieldName(label.getKey());
        writeChunk(json, label.getValue());
      }
      json.writeEndObject();
    }
    if (score.evidence() != null) {
      json.writeObjectFieldStart("evidence");
      json.writeNumberField("start", score.evidence().start());
      json.writeNumberField("end", score.evidence().end());
      json.writeEndObject();
    }
  }

  private static void writeChunk(JsonGenerator json, Chunk chunk) throws IOException {
    json.writeStartObject();
    json.writeNumberField("index", chunk.index());
    json.writeNumberField("start", chunk.start());
    json.writeNumberField("end", chunk.end());
    json.writeEndObject();
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
