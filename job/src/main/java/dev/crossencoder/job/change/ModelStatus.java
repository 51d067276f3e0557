package dev.crossencoder.job.change;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.flink.annotation.Internal;

/**
 * What became of the last wish for another revision of a model. The job writes it to the control
 * topic.
 *
 * @param job the name of the job
 * @param name the name of the model; empty if the job has one
 * @param state what is happening
 * @param version the number of changes of the job's models so far
 * @param active the revision in use; null while the model of the options has not been found
 * @param previous the revision that was in use before; null if there was none
 * @param candidate the revision that is being prepared, or cannot be used; null if there is none
 * @param ready the number of subtasks that have prepared it
 * @param subtasks the number of subtasks
 * @param message why it cannot be used, or what is awaited; null if there is nothing to say
 * @param time when this was written, such as 2026-01-31T00:00:00Z
 */
@Internal
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ModelStatus(
    String job,
    String name,
    State state,
    long version,
    Revision active,
    Revision previous,
    Revision candidate,
    int ready,
    int subtasks,
    String message,
    String time) {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** What is happening. */
  public enum State {
    /** The active revision scores, and no other one is wanted. */
    ACTIVE,
    /** The candidate is being prepared, or its time has not come. The active revision scores. */
    PREPARING,
    /** The candidate cannot be used. The active revision scores. */
    FAILED
  }

  /**
   * A revision.
   *
   * @param model the model
   * @param digest the digest of its bundle; null if it is not known yet
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Revision(String model, String digest) {
    /** Returns the model and the beginning of the digest. */
    @Override
    public String toString() {
      return digest == null
          ? model
          : model + " " + digest.substring(0, Math.min(15, digest.length()));
    }
  }

  byte[] json() {
    try {
      return MAPPER.writeValueAsString(this).getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot write a status as JSON", e);
    }
  }

  /**
   * Parses a status.
   *
   * @throws IllegalArgumentException if it is not one
   */
  static ModelStatus parse(byte[] json) {
    try {
      return MAPPER.readValue(json, ModelStatus.class);
    } catch (IOException e) {
      throw new IllegalArgumentException("Not a status: " + e.getMessage(), e);
    }
  }
}
