package dev.crossencoder.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.io.JsonFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Finds differences between the tokenizers of transformers 5 and those of transformers 4.57, whose
 * behaviour this project has. Use it before scores are compared with transformers 5. Some tokenizer
 * classes of transformers 5 read only the vocabulary from {@code tokenizer.json} and replace other
 * parts of the file. Owned by one thread.
 *
 * <p>Source: {@code tokenization_*.py} of transformers 5.24.
 */
public final class Transformers5 implements AutoCloseable {
  /** The version of transformers whose source was compared. */
  public static final String VERSION = "5.24";

  private static final int BERT_SPECIAL_TOKENS = 3;

  private final String cause;
  private final Optional<Tokenizers> tokenizers;

  /** The tokenizer of a bundle, and the same tokenizer as transformers 5 changes it. */
  private record Tokenizers(TextTokenizer original, TextTokenizer changed) {
    private boolean differ(String text) {
      return !Arrays.equals(original.ids(text), changed.ids(text));
    }
  }

  private Transformers5(String cause, Optional<Tokenizers> tokenizers) {
    this.cause = cause;
    this.tokenizers = tokenizers;
  }

  /**
   * Returns the differences for a model, or empty if transformers 5 does not change its tokenizer.
   *
   * @param architecture the {@code model_type} of the model
   * @param tokenizer the model's {@code tokenizer.json}
   */
  public static Optional<Transformers5> of(String architecture, Path tokenizer) {
    return of(architecture, JsonFiles.readObject(tokenizer));
  }

  static Optional<Transformers5> of(String architecture, JsonNode tokenizer) {
    return switch (architecture) {
      case "deberta" ->
          PairTemplate.parse(tokenizer).specialTokens() == BERT_SPECIAL_TOKENS
              ? Optional.of(
                  new Transformers5(
                      "DebertaTokenizer puts two [SEP] between the texts", Optional.empty()))
              : Optional.empty();
      case "deberta-v2" ->
          changed(
              "DebertaV2Tokenizer leaves out the normalizer of the SentencePiece model",
              tokenizer,
              debertaV2(tokenizer));
      case "xlm-roberta" ->
          changed(
              "XLMRobertaTokenizer splits at all white space first",
              tokenizer,
              metaspace(tokenizer));
      case "camembert" ->
          changed(
              "CamembertTokenizer splits at all white space first",
              tokenizer,
              metaspace(tokenizer));
      default -> Optional.empty();
    };
  }

  private static Optional<Transformers5> changed(
      String cause, JsonNode tokenizer, JsonNode changed) {
    // These classes change only tokenizers of SentencePiece models.
    if (!tokenizer.path("model").path("type").asText().equals("Unigram")
        || tokenizer.equals(changed)) {
      return Optional.empty();
    }
    TextTokenizer original = TextTokenizer.load(tokenizer.toString());
    try {
      return Optional.of(
          new Transformers5(
              cause,
              Optional.of(new Tokenizers(original, TextTokenizer.load(changed.toString())))));
    } catch (RuntimeException e) {
      original.close();
      throw e;
    }
  }

  private static JsonNode debertaV2(JsonNode tokenizer) {
    List<ObjectNode> normalizers = new ArrayList<>();
    for (JsonNode part : parts(tokenizer.path("normalizer"), "normalizers")) {
      if (part.path("type").asText().equals("Lowercase")) {
        normalizers.add(TokenizerJson.typed("Lowercase"));
      }
    }
    ObjectNode space = TokenizerJson.typed("Replace");
    space.putObject("pattern").put("Regex", "\\s{2,}|[\\n\\r\\t]");
    normalizers.add(space.put("content", " "));
    normalizers.add(TokenizerJson.typed("NFC"));
    normalizers.add(TokenizerJson.typed("Strip").put("strip_left", false).put("strip_right", true));
    ObjectNode changed = tokenizer.deepCopy();
    changed.set("normalizer", TokenizerJson.sequence("normalizers", normalizers));
    return changed;
  }

  private static JsonNode metaspace(JsonNode tokenizer) {
    ObjectNode changed = tokenizer.deepCopy();
    ObjectNode whiteSpace = TokenizerJson.typed("WhitespaceSplit");
    ObjectNode metaspace =
        TokenizerJson.typed("Metaspace")
            .put("replacement", "\u2581")
            .put("prepend_scheme", "always")
            .put("split", true);
    changed.set(
        "pre_tokenizer", TokenizerJson.sequence("pretokenizers", List.of(whiteSpace, metaspace)));
    changed.putNull("normalizer");
    for (JsonNode part : parts(tokenizer.path("normalizer"), "normalizers")) {
      if (part.path("type").asText().equals("Precompiled")) {
        changed.set("normalizer", part.deepCopy());
      }
    }
    return changed;
  }

  /** The parts of a {@code Sequence}, or the part itself. */
  private static List<JsonNode> parts(JsonNode node, String member) {
    List<JsonNode> parts = new ArrayList<>();
    if (node.path(member) instanceof ArrayNode array) {
      array.forEach(parts::add);
    } else {
      parts.add(node);
    }
    return parts;
  }

  /** The difference as a clause: the name of the class and what it does. */
  public String cause() {
    return cause;
  }

  /** Whether transformers 5 gives a pair other tokens, if the pair is not truncated. */
  public boolean differs(TextPair pair) {
    return tokenizers.isEmpty()
        || tokenizers.get().differ(pair.text())
        || tokenizers.get().differ(pair.textPair());
  }

  @Override
  public void close() {
    tokenizers.ifPresent(
        both -> {
          both.original().close();
          both.changed().close();
        });
  }
}
