package dev.crossencoder.model.compiler.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.tokenizer.TokenizerJson;
import java.nio.file.Path;
import java.util.Map;

/**
 * Builds the {@code tokenizer.json} of a byte-level BPE tokenizer (RoBERTa, BART, DeBERTa v1) from
 * the older files {@code vocab.json} and {@code merges.txt}, without its added tokens.
 *
 * <p>Source: {@code RobertaConverter} and {@code DebertaConverter} in {@code
 * convert_slow_tokenizer.py} of transformers.
 */
final class ByteLevelTokenizerJson {
  private static final String VOCABULARY = "vocab.json";
  private static final String MERGES = "merges.txt";

  private ByteLevelTokenizerJson() {}

  /**
   * Builds the tokenizer.
   *
   * @param checkpoint the folder with the two files
   * @param config the content of {@code tokenizer_config.json}
   * @param tokens the special tokens
   * @param named the tokenizer class, which determines the pair template
   */
  static ObjectNode build(
      Path checkpoint, JsonNode config, DeclaredTokens tokens, TokenizerClass named) {
    Path file = checkpoint.resolve(VOCABULARY);
    Map<String, Integer> vocabulary = VocabularyFiles.readIds(file);
    BooleanNode addPrefixSpace =
        BooleanNode.valueOf(config.path("add_prefix_space").asBoolean(false));

    ObjectNode root = TokenizerJson.empty();
    root.set("pre_tokenizer", TokenizerJson.byteLevel(addPrefixSpace));
    root.set(
        "post_processor",
        named == TokenizerClass.DEBERTA
            ? TokenizerJson.bertTemplate(
                "[CLS]", id("[CLS]", vocabulary, file), "[SEP]", id("[SEP]", vocabulary, file))
            : roberta(vocabulary, file, tokens, addPrefixSpace));
    root.set("decoder", TokenizerJson.byteLevel(BooleanNode.TRUE));
    root.set("model", model(vocabulary, checkpoint.resolve(MERGES)));
    return root;
  }

  private static ObjectNode roberta(
      Map<String, Integer> vocabulary,
      Path file,
      DeclaredTokens tokens,
      BooleanNode addPrefixSpace) {
    ObjectNode processor = TokenizerJson.typed("RobertaProcessing");
    String separator = tokens.required("sep_token");
    String classifier = tokens.required("cls_token");
    processor.putArray("sep").add(separator).add(id(separator, vocabulary, file));
    processor.putArray("cls").add(classifier).add(id(classifier, vocabulary, file));
    processor.put("trim_offsets", true);
    processor.set("add_prefix_space", addPrefixSpace);
    return processor;
  }

  private static ObjectNode model(Map<String, Integer> vocabulary, Path mergesFile) {
    ObjectNode model = TokenizerJson.typed("BPE");
    model.putNull("dropout");
    model.putNull("unk_token");
    model.put("continuing_subword_prefix", "");
    model.put("end_of_word_suffix", "");
    model.put("fuse_unk", false);
    model.put("byte_fallback", false);
    model.put("ignore_merges", false);
    model.set("vocab", TokenizerJson.vocabulary(vocabulary));
    ArrayNode merges = model.putArray("merges");
    VocabularyFiles.readMerges(mergesFile, vocabulary)
        .forEach(merge -> merges.addArray().add(merge.left()).add(merge.right()));
    return model;
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
