package dev.crossencoder.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What newer releases of sentence-transformers say of a cross-encoder in files of their own.
 *
 * <p>Source: {@code CrossEncoder._parse_model_config} and {@code Transformer.__init__} of
 * sentence-transformers 5.7.
 *
 * @param activation the activation, which goes before that of {@code config.json}
 * @param maxLength the most tokens of a pair, which goes before the tokeniser's; a missing node if
 *     it is not said
 */
record SentenceTransformersConfig(Optional<Activation> activation, JsonNode maxLength) {
  private static final String MODEL = "config_sentence_transformers.json";
  private static final String TRANSFORMER = "sentence_bert_config.json";

  /** The files' names. */
  static final List<String> FILES = List.of(MODEL, TRANSFORMER);

  /**
   * Reads what there is in a checkpoint folder.
   *
   * @throws InvalidModelException if a prompt is to be put before the texts, or the activation is
   *     not known
   */
  static SentenceTransformersConfig read(Path checkpoint) {
    Path file = checkpoint.resolve(MODEL);
    JsonNode model = readIfPresent(file);
    JsonNode prompt = model.path("default_prompt_name");
    if (prompt.isTextual()) {
      throw new InvalidModelException(
          "Invalid default_prompt_name in %s: %s. A prompt before the texts is not supported."
              .formatted(file, prompt));
    }
    JsonNode activation = model.path("activation_fn");
    return new SentenceTransformersConfig(
        activation.isTextual()
            ? Optional.of(CheckpointConfig.activation(file, "activation_fn", activation))
            : Optional.empty(),
        readIfPresent(checkpoint.resolve(TRANSFORMER)).path("max_seq_length"));
  }

  private static JsonNode readIfPresent(Path file) {
    return Files.exists(file) ? JsonFiles.readObject(file) : JsonNodeFactory.instance.objectNode();
  }
}
