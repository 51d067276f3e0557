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
 * How transformers 5 tokenizes texts otherwise than transformers 4.57 and this project, for those
 * who compare scores with it. Some of its tokenizer classes take the vocabulary from {@code
 * tokenizer.json} and replace other parts of the file by parts of their own. Owned by one thread.
 *
 * <p>Source: {@code tokenization_*.py} of transformers 5.24.
 */
public final class Transformers5 implements AutoCloseable {
  /** The release that the differences were found in. */
  public static final String VERSION = "5.24";

  private static final int BERT_SPECIAL_TOKENS = 3;

  private final String cause;
  private final Optional<Tokenizers> tokenizers;

  /** A bundle's tokenizer and what transformers 5 makes of it. */
  private record Tokenizers(TextTokenizer here, TextTokenizer there) {
    private boolean differ(String text) {
      return !Arrays.equals(here.ids(text), there.ids(text));
    }
  }

  private Transformers5(String cause, Optional<Tokenizers> tokenizers) {
    this.cause = cause;
    this.tokenizers = tokenizers;
  }

  /**
   * Returns the differences for a model; none if transformers 5 reads its tokenizer as it is.
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
    // Only a file of a SentencePiece model is read by these classes.
    if (!tokenizer.path("model").path("type").asText().equals("Unigram")
        || tokenizer.equals(changed)) {
      return Optional.empty();
    }
    TextTokenizer here = TextTokenizer.load(tokenizer.toString());
    try {
      return Optional.of(
          new Transformers5(
              cause, Optional.of(new Tokenizers(here, TextTokenizer.load(changed.toString())))));
    } catch (RuntimeException e) {
      here.close();
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

  /** The parts of a sequence, or the one part that there is. */
  private static List<JsonNode> parts(JsonNode node, String member) {
    List<JsonNode> parts = new ArrayList<>();
    if (node.path(member) instanceof ArrayNode array) {
      array.forEach(parts::add);
    } else {
      parts.add(node);
    }
    return parts;
  }

  /** What is different, as a clause: the class and what it does. */
  public String cause() {
    return cause;
  }

  /** Whether a pair has other tokens there, if it is not truncated. */
  public boolean differs(TextPair pair) {
    return tokenizers.isEmpty()
        || tokenizers.get().differ(pair.text())
        || tokenizers.get().differ(pair.textPair());
  }

  @Override
  public void close() {
    tokenizers.ifPresent(
        both -> {
          both.here().close();
          both.there().close();
        });
  }
}
