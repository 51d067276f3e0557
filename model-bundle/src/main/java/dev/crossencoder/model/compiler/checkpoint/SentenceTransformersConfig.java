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
 * The configuration that newer releases of sentence-transformers store beside {@code config.json}.
 *
 * <p>Source: {@code BaseModel._load_modules}, {@code CrossEncoder._parse_model_config} and {@code
 * Transformer.__init__} of sentence-transformers 5.7. They read these files only if the checkpoint
 * has a {@code modules.json} and was saved as a {@code CrossEncoder}.
 *
 * @param activation the activation, which wins over that of {@code config.json}
 * @param prompts the prompts of the model
 * @param maxLength the largest number of tokens of a pair, which wins over that of the tokenizer; a
 *     missing node for none
 * @param head the head, if it is stored as separate modules
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

  /** Keys of {@code sentence_bert_config.json} that change the tokenization; not supported. */
  private static final List<String> UNSUPPORTED =
      List.of("do_lower_case", "processing_kwargs", "processor_kwargs", "tokenizer_args");

  /**
   * Reads the files of a checkpoint folder.
   *
   * @throws InvalidModelException if the files have something that is not supported, such as other
   *     modules, or name a default prompt that they do not contain
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

  /** Prompts that are all empty have no effect and are left out. */
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
          throw model.invalid(key, "It must map names to texts without lone surrogates.");
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

  /** The paths of those files that exist, relative to the checkpoint. */
  public static List<String> files(Path checkpoint) {
    List<String> files = new ArrayList<>(List.of(MODEL, TRANSFORMER, HeadModules.CHAIN));
    if (isCrossEncoder(checkpoint)) {
      HeadModules.read(checkpoint).ifPresent(head -> files.addAll(head.files()));
    }
    return files.stream().filter(file -> Files.exists(checkpoint.resolve(file))).toList();
  }
}
