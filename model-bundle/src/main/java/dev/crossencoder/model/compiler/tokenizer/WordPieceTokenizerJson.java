package dev.crossencoder.model.compiler.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.tokenizer.TokenizerJson;
import java.nio.file.Path;
import java.util.Map;

/**
 * Builds the {@code tokenizer.json} of a WordPiece tokenizer (BERT, ELECTRA, DistilBERT) from the
 * older file {@code vocab.txt}, without its added tokens.
 *
 * <p>Source: {@code BertConverter} in {@code convert_slow_tokenizer.py} of transformers.
 */
final class WordPieceTokenizerJson {
  private static final int MAX_CHARS_PER_WORD = 100;

  private WordPieceTokenizerJson() {}

  /**
   * Builds the tokenizer.
   *
   * @param file the {@code vocab.txt}
   * @param config the content of {@code tokenizer_config.json}
   * @param tokens the special tokens
   */
  static ObjectNode build(Path file, JsonNode config, DeclaredTokens tokens) {
    Map<String, Integer> vocabulary = VocabularyFiles.readPieces(file);
    String unknown = tokens.required("unk_token");
    String classifier = tokens.required("cls_token");
    String separator = tokens.required("sep_token");
    id(unknown, vocabulary, file);

    ObjectNode root = TokenizerJson.empty();
    ObjectNode normalizer = TokenizerJson.typed("BertNormalizer").put("clean_text", true);
    root.set("normalizer", normalizer);
    setNormalizer(normalizer, config);
    root.set("pre_tokenizer", TokenizerJson.typed("BertPreTokenizer"));
    root.set(
        "post_processor",
        TokenizerJson.bertTemplate(
            classifier,
            id(classifier, vocabulary, file),
            separator,
            id(separator, vocabulary, file)));
    root.set("decoder", TokenizerJson.typed("WordPiece").put("prefix", "##").put("cleanup", true));
    ObjectNode model = TokenizerJson.typed("WordPiece");
    model.put("unk_token", unknown);
    model.put("continuing_subword_prefix", "##");
    model.put("max_input_chars_per_word", MAX_CHARS_PER_WORD);
    model.set("vocab", TokenizerJson.vocabulary(vocabulary));
    root.set("model", model);
    return root;
  }

  /**
   * Sets the options of a {@code BertNormalizer} from {@code tokenizer_config.json}, or from the
   * defaults of {@code BertTokenizerFast}, which override those of a {@code tokenizer.json}.
   */
  static void setNormalizer(ObjectNode normalizer, JsonNode config) {
    normalizer.put("handle_chinese_chars", config.path("tokenize_chinese_chars").asBoolean(true));
    JsonNode stripAccents = config.path("strip_accents");
    if (stripAccents.isBoolean()) {
      normalizer.put("strip_accents", stripAccents.booleanValue());
    } else {
      normalizer.putNull("strip_accents");
    }
    normalizer.put("lowercase", config.path("do_lower_case").asBoolean(true));
  }

  private static int id(String token, Map<String, Integer> vocabulary, Path file) {
    Integer id = vocabulary.get(token);
    if (id == null) {
      throw new InvalidModelException(
          "Cannot find the special token %s among the %d pieces of %s."
              .formatted(token, vocabulary.size(), file));
    }
    return id;
  }
}
