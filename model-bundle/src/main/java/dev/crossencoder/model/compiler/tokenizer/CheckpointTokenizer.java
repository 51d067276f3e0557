package dev.crossencoder.model.compiler.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.io.JsonFiles;
import dev.crossencoder.model.tokenizer.CharacterMap;
import dev.crossencoder.model.tokenizer.PairTemplate;
import dev.crossencoder.model.tokenizer.TokenizerJson;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * The tokenizer of a checkpoint folder as transformers loads it. It comes from {@code
 * tokenizer.json}, or is built from the older files. Then the settings in the files beside it are
 * applied, so that the {@code tokenizer.json} of a bundle needs no other file.
 */
public final class CheckpointTokenizer {
  /** All files that a tokenizer may be built from. */
  public static final List<String> FILES =
      List.of(
          TokenizerJson.FILE,
          "tokenizer_config.json",
          DeclaredTokens.SPECIAL_TOKENS_MAP,
          DeclaredTokens.ADDED_TOKENS,
          "vocab.txt",
          "vocab.json",
          "merges.txt",
          "spm.model",
          "sentencepiece.bpe.model");

  private static final String CONFIG = "tokenizer_config.json";
  private static final String SEGMENT_INPUT = "token_type_ids";

  private final Path checkpoint;
  private final JsonNode config;
  private final TokenizerClass tokenizerClass;
  private final ObjectNode tokenizer;

  private CheckpointTokenizer(Path checkpoint, JsonNode modelConfig) {
    this.checkpoint = checkpoint;
    Path file = checkpoint.resolve(CONFIG);
    this.config =
        Files.exists(file) ? JsonFiles.readObject(file) : JsonNodeFactory.instance.objectNode();
    this.tokenizerClass = TokenizerClass.of(checkpoint, config, modelConfig);
    this.tokenizer = load();
  }

  /**
   * Reads or builds the tokenizer of a checkpoint.
   *
   * @param modelConfig the content of {@code config.json}
   * @throws InvalidModelException if files are missing, damaged or not supported
   */
  public static CheckpointTokenizer read(Path checkpoint, JsonNode modelConfig) {
    return new CheckpointTokenizer(checkpoint, modelConfig);
  }

  private ObjectNode load() {
    if (config.path("split_special_tokens").asBoolean()) {
      throw new InvalidModelException(
          "Invalid split_special_tokens in %s: true. Only false is supported."
              .formatted(checkpoint.resolve(CONFIG)));
    }
    Path ready = checkpoint.resolve(TokenizerJson.FILE);
    ObjectNode root;
    DeclaredTokens tokens;
    if (Files.exists(ready)) {
      root = (ObjectNode) JsonFiles.readObject(ready);
      tokens = DeclaredTokens.beside(root, checkpoint, config, tokenizerClass);
      override(root);
    } else {
      tokens = DeclaredTokens.alone(checkpoint, config, tokenizerClass);
      root = build(tokens);
    }
    CharacterMap.checkAll(root, "the tokenizer of " + checkpoint);
    AddedVocabulary added = AddedVocabulary.of(root);
    tokens.addTo(added);
    added.write();
    setTruncation(root);
    return root;
  }

  private ObjectNode build(DeclaredTokens tokens) {
    TokenizerClass.Format format = tokenizerClass.format();
    List<String> files = format.files();
    if (files.isEmpty() || !files.stream().allMatch(this::has)) {
      String wanted = files.isEmpty() ? "" : " or " + String.join(" with ", files);
      throw new InvalidModelException(
          "Cannot find %s%s in %s.".formatted(TokenizerJson.FILE, wanted, checkpoint));
    }
    Path file = checkpoint.resolve(files.get(0));
    return switch (format) {
      case WORD_PIECE -> WordPieceTokenizerJson.build(file, config, tokens);
      case BYTE_LEVEL -> ByteLevelTokenizerJson.build(checkpoint, config, tokens, tokenizerClass);
      case SPM, SENTENCEPIECE ->
          UnigramTokenizerJson.build(SentencePieceModel.read(file), config, tokenizerClass);
      case READY_ONLY -> throw new IllegalStateException("This format has no files");
    };
  }

  private boolean has(String file) {
    return Files.exists(checkpoint.resolve(file));
  }

  /**
   * Applies the settings with which the tokenizer classes override their {@code tokenizer.json}.
   */
  private void override(ObjectNode root) {
    if (tokenizerClass.setsNormalizer()
        && root.path("normalizer") instanceof ObjectNode normalizer
        && normalizer.path("type").asText().equals("BertNormalizer")) {
      WordPieceTokenizerJson.setNormalizer(normalizer, config);
    }
    if (root.path("pre_tokenizer") instanceof ObjectNode preTokenizer
        && preTokenizer.path("type").asText().equals("ByteLevel")) {
      preTokenizer.put("add_prefix_space", config.path("add_prefix_space").asBoolean(false));
    }
  }

  /** Sets the side of truncation. The length is not used: {@code PairEncoder} truncates. */
  private void setTruncation(ObjectNode root) {
    JsonNode declared = config.path("truncation_side");
    JsonNode ready = root.path("truncation").path("direction");
    String side = declared.isTextual() ? declared.textValue() : ready.asText("right");
    switch (side.toLowerCase(Locale.ROOT)) {
      case "right" -> {
        if (root.path("truncation") instanceof ObjectNode truncation) {
          truncation.put("direction", "Right");
        }
      }
      case "left" ->
          root.putObject("truncation")
              .put("direction", "Left")
              .put("max_length", Integer.MAX_VALUE)
              .put("strategy", "LongestFirst")
              .put("stride", 0);
      default ->
          throw new InvalidModelException(
              "Invalid truncation side of the tokenizer of %s: %s. It must be right or left."
                  .formatted(checkpoint, side));
    }
  }

  /** Returns {@code model_max_length}; a missing node if the tokenizer has none. */
  public JsonNode declaredLength() {
    for (String key : List.of("model_max_length", "max_len")) {
      if (config.hasNonNull(key)) {
        return config.path(key);
      }
    }
    return MissingNode.getInstance();
  }

  /**
   * Returns the content of the bundle's {@code tokenizer.json}. All segment ids are 0 if the model
   * has no segments, or if the tokenizer gives transformers no {@code token_type_ids}.
   *
   * @param segments the number of segments that the model distinguishes
   */
  public JsonNode json(int segments) {
    JsonNode names = config.path("model_input_names");
    boolean given = tokenizerClass.givesSegments();
    if (names.isArray()) {
      given = false;
      for (JsonNode name : names) {
        given |= name.asText().equals(SEGMENT_INPUT);
      }
    }
    if (segments > 1 && given) {
      return tokenizer;
    }
    ObjectNode plain = tokenizer.deepCopy();
    PairTemplate.clearSegments(plain);
    return plain;
  }
}
