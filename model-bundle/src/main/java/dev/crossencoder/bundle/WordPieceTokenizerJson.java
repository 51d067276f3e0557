package dev.crossencoder.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Builds the {@code tokenizer.json} of a BERT tokeniser from the older {@code vocab.txt} and {@code
 * tokenizer_config.json}, as {@code transformers} does when it converts one ({@code BertConverter}
 * in {@code convert_slow_tokenizer.py}).
 */
final class WordPieceTokenizerJson {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final int MAX_CHARS_PER_WORD = 100;

  private final Path vocabFile;
  private final Map<String, Integer> vocabulary;
  private final JsonNode config;

  private WordPieceTokenizerJson(Path vocabFile, Map<String, Integer> vocabulary, JsonNode config) {
    this.vocabFile = vocabFile;
    this.vocabulary = vocabulary;
    this.config = config;
  }

  /**
   * Builds the tokeniser.
   *
   * @param vocabFile one piece a line; its line number, from 0, is its id
   * @param config the content of {@code tokenizer_config.json}
   */
  static ObjectNode build(Path vocabFile, JsonNode config) {
    return new WordPieceTokenizerJson(vocabFile, readVocabulary(vocabFile), config).build();
  }

  private ObjectNode build() {
    String unknown = specialToken("unk_token", "[UNK]");
    String separator = specialToken("sep_token", "[SEP]");
    String padding = specialToken("pad_token", "[PAD]");
    String classifier = specialToken("cls_token", "[CLS]");
    String mask = specialToken("mask_token", "[MASK]");
    boolean lowerCase = config.path("do_lower_case").asBoolean(true);

    ObjectNode root = JSON.objectNode();
    root.put("version", "1.0");
    root.putNull("truncation");
    root.putNull("padding");
    ArrayNode added = root.putArray("added_tokens");
    List.of(padding, unknown, classifier, separator, mask).stream()
        .distinct()
        .sorted((a, b) -> Integer.compare(id(a), id(b)))
        .forEach(token -> added.add(addedToken(token)));

    ObjectNode normalizer = root.putObject("normalizer");
    normalizer.put("type", "BertNormalizer");
    normalizer.put("clean_text", true);
    normalizer.put("handle_chinese_chars", config.path("tokenize_chinese_chars").asBoolean(true));
    if (config.path("strip_accents").isBoolean()) {
      normalizer.put("strip_accents", config.path("strip_accents").booleanValue());
    } else {
      normalizer.putNull("strip_accents");
    }
    normalizer.put("lowercase", lowerCase);

    root.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
    root.set("post_processor", template(classifier, separator));
    root.putObject("decoder").put("type", "WordPiece").put("prefix", "##").put("cleanup", true);

    ObjectNode model = root.putObject("model");
    model.put("type", "WordPiece");
    model.put("unk_token", unknown);
    model.put("continuing_subword_prefix", "##");
    model.put("max_input_chars_per_word", MAX_CHARS_PER_WORD);
    ObjectNode vocab = model.putObject("vocab");
    vocabulary.forEach(vocab::put);
    return root;
  }

  private ObjectNode template(String classifier, String separator) {
    ObjectNode template = JSON.objectNode();
    template.put("type", "TemplateProcessing");
    template
        .putArray("single")
        .add(special(classifier, 0))
        .add(sequence("A", 0))
        .add(special(separator, 0));
    template
        .putArray("pair")
        .add(special(classifier, 0))
        .add(sequence("A", 0))
        .add(special(separator, 0))
        .add(sequence("B", 1))
        .add(special(separator, 1));
    ObjectNode specials = template.putObject("special_tokens");
    for (String token : List.of(classifier, separator)) {
      ObjectNode special = specials.putObject(token);
      special.put("id", token);
      special.putArray("ids").add(id(token));
      special.putArray("tokens").add(token);
    }
    return template;
  }

  private static ObjectNode special(String token, int type) {
    ObjectNode node = JSON.objectNode();
    node.putObject("SpecialToken").put("id", token).put("type_id", type);
    return node;
  }

  private static ObjectNode sequence(String name, int type) {
    ObjectNode node = JSON.objectNode();
    node.putObject("Sequence").put("id", name).put("type_id", type);
    return node;
  }

  private ObjectNode addedToken(String token) {
    return JSON.objectNode()
        .put("id", id(token))
        .put("content", token)
        .put("single_word", false)
        .put("lstrip", false)
        .put("rstrip", false)
        .put("normalized", false)
        .put("special", true);
  }

  /** A special token is written as a string or, by some versions, as an object with its content. */
  private String specialToken(String key, String fallback) {
    JsonNode node = config.path(key);
    if (node.isObject()) {
      node = node.path("content");
    }
    String token = node.isTextual() ? node.textValue() : fallback;
    id(token);
    return token;
  }

  private int id(String token) {
    Integer id = vocabulary.get(token);
    if (id == null) {
      throw new InvalidModelException(
          "Cannot find the special token %s among the %d pieces of %s."
              .formatted(token, vocabulary.size(), vocabFile));
    }
    return id;
  }

  private static Map<String, Integer> readVocabulary(Path file) {
    String text = new String(JsonFiles.readBytes(file), StandardCharsets.UTF_8);
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    int line = 0;
    int start = 0;
    while (start < text.length()) {
      int end = text.indexOf('\n', start);
      if (end < 0) {
        end = text.length();
      }
      int contentEnd = end > start && text.charAt(end - 1) == '\r' ? end - 1 : end;
      vocabulary.put(text.substring(start, contentEnd), line++);
      start = end + 1;
    }
    if (vocabulary.isEmpty()) {
      throw new InvalidModelException("Cannot use %s, it has no pieces.".formatted(file));
    }
    return vocabulary;
  }
}
