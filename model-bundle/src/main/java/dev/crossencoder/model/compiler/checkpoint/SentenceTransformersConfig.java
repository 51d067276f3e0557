package dev.crossencoder.model.compiler.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.bundle.ModelActivation;
import dev.crossencoder.model.bundle.Prompts;
import dev.crossencoder.model.io.JsonFiles;
import dev.crossencoder.model.io.UnicodeText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What newer releases of sentence-transformers say of a cross-encoder in files of their own.
 *
 * <p>Source: {@code BaseModel._load_modules}, {@code CrossEncoder._parse_model_config} and {@code
 * Transformer.__init__} of sentence-transformers 5.7. They read these files only of a checkpoint
 * that has a {@code modules.json} and was saved as a {@code CrossEncoder}.
 *
 * @param activation the activation, which goes before that of {@code config.json}
 * @param prompts what may stand before the first text
 * @param maxLength the most tokens of a pair, which goes before the tokenizer's; a missing node if
 *     it is not said
 * @param head the head, if it is not in {@code model.safetensors}
 */
public record SentenceTransformersConfig(
    Optional<ModelActivation> activation,
    Prompts prompts,
    JsonNode maxLength,
    Optional<HeadModules> head) {
  private static final String MODEL = "config_sentence_transformers.json";
  private static final String TRANSFORMER = "sentence_bert_config.json";
  private static final String DEFAULT_PROMPT = "default_prompt_name";
  private static final SentenceTransformersConfig ABSENT =
      new SentenceTransformersConfig(
          Optional.empty(), Prompts.NONE, MissingNode.getInstance(), Optional.empty());

  /** What {@code sentence_bert_config.json} may ask for that changes what a text is read as. */
  private static final List<String> UNSUPPORTED =
      List.of("do_lower_case", "processing_kwargs", "processor_kwargs", "tokenizer_args");

  /**
   * Reads what there is in a checkpoint folder.
   *
   * @throws InvalidModelException if the files ask for what is not supported, such as another chain
   *     of modules, or for a prompt that they do not have
   */
  public static SentenceTransformersConfig read(Path checkpoint) {
    if (!isCrossEncoder(checkpoint)) {
      return ABSENT;
    }
    CheckpointConfig model = CheckpointConfig.read(checkpoint.resolve(MODEL));
    return new SentenceTransformersConfig(
        model.activation("activation_fn"),
        prompts(model),
        maxLength(checkpoint.resolve(TRANSFORMER)),
        HeadModules.read(checkpoint));
  }

  /** Prompts of which all are empty change nothing, and are left out. */
  private static Prompts prompts(CheckpointConfig model) {
    String key = "prompts";
    JsonNode texts = model.root().path(key);
    Map<String, String> byName = new LinkedHashMap<>();
    if (!model.isAbsent(key)) {
      if (!texts.isObject()) {
        throw model.invalid(key, "It must map names to texts.");
      }
      for (Map.Entry<String, JsonNode> prompt : texts.properties()) {
        JsonNode text = prompt.getValue();
        boolean wellFormed =
            UnicodeText.isWellFormed(prompt.getKey()) && UnicodeText.isWellFormed(text.asText());
        if (!(text.isTextual() || text.isNull()) || !wellFormed) {
          throw model.invalid(key, "It must map names to texts without half a character.");
        }
        byName.put(prompt.getKey(), text.isNull() ? "" : text.textValue());
      }
    }
    Optional<String> defaultName =
        model.isAbsent(DEFAULT_PROMPT)
            ? Optional.empty()
            : Optional.of(model.string(DEFAULT_PROMPT));
    if (defaultName.isPresent() && !byName.containsKey(defaultName.get())) {
      throw model.invalid(
          DEFAULT_PROMPT,
          "It must be one of the prompts: %s.".formatted(String.join(", ", byName.keySet())));
    }
    return byName.values().stream().allMatch(String::isEmpty)
        ? Prompts.NONE
        : new Prompts(byName, defaultName);
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
  public static List<String> files(Path checkpoint) {
    List<String> files = new ArrayList<>(List.of(MODEL, TRANSFORMER, HeadModules.CHAIN));
    if (isCrossEncoder(checkpoint)) {
      HeadModules.read(checkpoint).ifPresent(head -> files.addAll(head.files()));
    }
    return files.stream().filter(file -> Files.exists(checkpoint.resolve(file))).toList();
  }
}
