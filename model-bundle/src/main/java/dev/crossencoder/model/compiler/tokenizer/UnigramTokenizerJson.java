package dev.crossencoder.model.compiler.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.compiler.tokenizer.SentencePieceModel.Piece;
import dev.crossencoder.model.tokenizer.TokenizerJson;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Builds the {@code tokenizer.json} of a DeBERTa v2/v3, XLM-RoBERTa or CamemBERT tokenizer from a
 * SentencePiece model. Of the added tokens it contains those that the model declares.
 *
 * <p>Source: {@code SpmConverter} and its subclasses in {@code convert_slow_tokenizer.py} of
 * transformers. As there, byte fallback is off: a character without a piece becomes the unknown
 * token.
 */
final class UnigramTokenizerJson {
  private static final String SPACE = "\u2581";

  /** A score so low that CamemBERT's second unknown piece is never chosen. */
  private static final float NEVER = -100;

  private UnigramTokenizerJson() {}

  /** A piece of the vocabulary with its score. */
  private record Entry(String text, float score) {}

  /**
   * Builds the tokenizer.
   *
   * @param config the content of {@code tokenizer_config.json}
   * @param named the tokenizer class, which determines ids, normalizer and pair template
   */
  static ObjectNode build(SentencePieceModel source, JsonNode config, TokenizerClass named) {
    List<Entry> vocabulary = vocabulary(source, named);
    boolean deberta = named == TokenizerClass.DEBERTA_V2;
    ObjectNode root = TokenizerJson.empty();
    root.set("normalizer", normalizer(source, config, deberta));
    root.set("pre_tokenizer", deberta ? deberta(config) : metaspace());
    root.set(
        "post_processor",
        deberta
            ? TokenizerJson.bertTemplate(
                "[CLS]", id("[CLS]", vocabulary, source), "[SEP]", id("[SEP]", vocabulary, source))
            : TokenizerJson.fairseqTemplate(
                id("<s>", vocabulary, source), id("</s>", vocabulary, source)));
    root.set("decoder", metaspace());
    ObjectNode model = TokenizerJson.typed("Unigram");
    model.put("unk_id", deberta ? source.unknownId() : 3);
    ArrayNode pieces = model.putArray("vocab");
    vocabulary.forEach(entry -> pieces.addArray().add(entry.text()).add((double) entry.score()));
    model.put("byte_fallback", false);
    root.set("model", model);

    List<AddedToken> known = new ArrayList<>();
    for (Piece piece : source.pieces()) {
      if (piece.control()) {
        known.add(AddedToken.special(piece.text()));
      } else if (piece.userDefined()) {
        known.add(AddedToken.ordinary(piece.text()).withoutNormalized());
      }
    }
    AddedVocabulary added = AddedVocabulary.of(root);
    added.addAll(known);
    added.write();
    return root;
  }

  /** XLM-RoBERTa and CamemBERT put fairseq's special tokens before the pieces of the model. */
  private static List<Entry> vocabulary(SentencePieceModel source, TokenizerClass named) {
    List<Entry> vocabulary = new ArrayList<>();
    int first = 0;
    if (named == TokenizerClass.XLM_ROBERTA) {
      for (String piece : List.of("<s>", "<pad>", "</s>", "<unk>")) {
        vocabulary.add(new Entry(piece, 0));
      }
      first = 3;
    } else if (named == TokenizerClass.CAMEMBERT) {
      for (String piece : List.of("<s>NOTUSED", "<pad>", "</s>NOTUSED", "<unk>")) {
        vocabulary.add(new Entry(piece, 0));
      }
      vocabulary.add(new Entry("<unk>NOTUSED", NEVER));
      first = 1;
    }
    source.pieces().stream()
        .skip(first)
        .forEach(piece -> vocabulary.add(new Entry(piece.text(), piece.score())));
    if (named != TokenizerClass.DEBERTA_V2) {
      vocabulary.add(new Entry("<mask>", 0));
    }
    return vocabulary;
  }

  private static int id(String token, List<Entry> vocabulary, SentencePieceModel source) {
    for (int i = vocabulary.size() - 1; i >= 0; i--) {
      if (vocabulary.get(i).text().equals(token)) {
        return i;
      }
    }
    throw new InvalidModelException(
        "Cannot find the special token %s among the %d pieces of %s."
            .formatted(token, vocabulary.size(), source.file()));
  }

  private static ObjectNode normalizer(
      SentencePieceModel source, JsonNode config, boolean deberta) {
    List<ObjectNode> steps = new ArrayList<>();
    if (deberta && config.path("do_lower_case").asBoolean(false)) {
      steps.add(TokenizerJson.typed("Lowercase"));
    }
    ObjectNode strip =
        TokenizerJson.typed("Strip").put("strip_left", deberta).put("strip_right", true);
    if (deberta) {
      steps.add(strip);
    }
    if (source.characterMap().length > 0) {
      steps.add(
          TokenizerJson.typed("Precompiled")
              .put(
                  "precompiled_charsmap",
                  Base64.getEncoder().encodeToString(source.characterMap())));
    }
    if (!deberta) {
      steps.add(strip);
    }
    steps.add(TokenizerJson.replaceSpaces(deberta ? " " : SPACE));
    return TokenizerJson.sequence("normalizers", steps);
  }

  private static ObjectNode deberta(JsonNode config) {
    List<ObjectNode> steps = new ArrayList<>();
    if (config.path("split_by_punct").asBoolean(false)) {
      steps.add(TokenizerJson.typed("Punctuation").put("behavior", "Isolated"));
    }
    steps.add(metaspace());
    return TokenizerJson.sequence("pretokenizers", steps);
  }

  private static ObjectNode metaspace() {
    return TokenizerJson.typed("Metaspace")
        .put("replacement", SPACE)
        .put("prepend_scheme", "always")
        .put("split", true);
  }
}
