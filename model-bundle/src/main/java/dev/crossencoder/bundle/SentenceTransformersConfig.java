package dev.crossencoder.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What newer releases of sentence-transformers say of a cross-encoder in files of their own.
 *
 * <p>Source: {@code BaseModel._load_modules}, {@code CrossEncoder._parse_model_config} and {@code
 * Transformer.__init__} of sentence-transformers 5.7. They read these files only of a checkpoint
 * that has a {@code modules.json} and was saved as a {@code CrossEncoder}.
 *
 * @param activation the activation, which goes before that of {@code config.json}
 * @param maxLength the most tokens of a pair, which goes before the tokeniser's; a missing node if
 *     it is not said
 * @param head the head, if it is not in {@code model.safetensors}
 */
record SentenceTransformersConfig(
    Optional<Activation> activation, JsonNode maxLength, Optional<HeadModules> head) {
  private static final String MODEL = "config_sentence_transformers.json";
  private static final String TRANSFORMER = "sentence_bert_config.json";
  private static final SentenceTransformersConfig ABSENT =
      new SentenceTransformersConfig(Optional.empty(), MissingNode.getInstance(), Optional.empty());

  /** What {@code sentence_bert_config.json} may ask for that changes what a text is read as. */
  private static final List<String> UNSUPPORTED =
      List.of("do_lower_case", "processing_kwargs", "processor_kwargs", "tokenizer_args");

  /**
   * Reads what there is in a checkpoint folder.
   *
   * @throws InvalidModelException if the files ask for what is not supported: a prompt before the
   *     texts, an unknown activation, another chain of modules
   */
  static SentenceTransformersConfig read(Path checkpoint) {
    if (!isCrossEncoder(checkpoint)) {
      return ABSENT;
    }
    CheckpointConfig model = CheckpointConfig.read(checkpoint.resolve(MODEL));
    if (!model.isAbsent("default_prompt_name")) {
      throw model.invalid("default_prompt_name", "A prompt before the texts is not supported.");
    }
    Optional<Activation> activation =
        model.isAbsent("activation_fn")
            ? Optional.empty()
            : Optional.of(model.activation("activation_fn"));
    return new SentenceTransformersConfig(
        activation, maxLength(checkpoint.resolve(TRANSFORMER)), HeadModules.read(checkpoint));
  }

  private static boolean isCrossEncoder(Path checkpoint) {
    Path model = checkpoint.resolve(MODEL);
    return Files.exists(checkpoint.resolve(HeadModules.CHAIN))
        && Files.exists(model)
        && JsonFiles.readObject(model).path("model_type").asText().equals("CrossEncoder");
  }

  private static JsonNode maxLength(Path file) {
    if (!Files.exists(file)) {
      return MissingNode.getInstance();
    }
    CheckpointConfig transformer = CheckpointConfig.read(file);
    for (String key : UNSUPPORTED) {
      JsonNode value = transformer.root().path(key);
      if (value.asBoolean() || !value.isEmpty()) {
        throw transformer.invalid(key, "It is not supported: it changes how texts are read.");
      }
    }
    if (transformer.isAbsent("max_seq_length")) {
      return MissingNode.getInstance();
    }
    transformer.dimension("max_seq_length");
    return transformer.root().path("max_seq_length");
  }

  /** The names of the files, as far as they exist, with {@code /} between folder and file. */
  static List<String> files(Path checkpoint) {
    List<String> files = new ArrayList<>(List.of(MODEL, TRANSFORMER, HeadModules.CHAIN));
    if (isCrossEncoder(checkpoint)) {
      HeadModules.read(checkpoint).ifPresent(head -> files.addAll(head.files()));
    }
    return files.stream().filter(file -> Files.exists(checkpoint.resolve(file))).toList();
  }
}
