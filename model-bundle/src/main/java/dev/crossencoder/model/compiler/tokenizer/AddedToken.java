package dev.crossencoder.model.compiler.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.model.InvalidModelException;

/**
 * An added token: it is matched in a text before the tokenizer's model is applied. The flags are
 * those of the tokenizers library.
 *
 * @param content the text to match
 * @param singleWord whether it is matched only between characters that are not part of a word
 * @param lstrip whether a match includes the white space before it
 * @param rstrip whether a match includes the white space after it
 * @param normalized whether it is matched in the normalized text
 * @param special whether it is a special token
 */
public record AddedToken(
    String content,
    boolean singleWord,
    boolean lstrip,
    boolean rstrip,
    boolean normalized,
    boolean special) {

  /** A special token with the flags that transformers gives to a string. */
  static AddedToken special(String content) {
    return new AddedToken(content, false, false, false, false, true);
  }

  /** An ordinary token with the flags that transformers gives to a string. */
  public static AddedToken ordinary(String content) {
    return new AddedToken(content, false, false, false, true, false);
  }

  /** Reads a JSON object. Missing flags have the defaults of the tokenizers library. */
  static AddedToken parse(JsonNode node) {
    return parse(node, node.path("special").asBoolean());
  }

  /** As {@link #parse}, for a token that is special whatever its flag says. */
  static AddedToken parseSpecial(JsonNode node) {
    return parse(node, true);
  }

  private static AddedToken parse(JsonNode node, boolean special) {
    JsonNode content = node.path("content");
    if (!content.isTextual()) {
      throw new InvalidModelException(
          "Invalid added token: %s. It must be an object with its content.".formatted(node));
    }
    return new AddedToken(
        content.textValue(),
        node.path("single_word").asBoolean(),
        node.path("lstrip").asBoolean(),
        node.path("rstrip").asBoolean(),
        node.path("normalized").asBoolean(!special),
        special);
  }

  AddedToken asSpecial() {
    return new AddedToken(content, singleWord, lstrip, rstrip, normalized, true);
  }

  AddedToken withLstrip() {
    return new AddedToken(content, singleWord, true, rstrip, normalized, special);
  }

  AddedToken withNormalized() {
    return new AddedToken(content, singleWord, lstrip, rstrip, true, special);
  }

  AddedToken withoutNormalized() {
    return new AddedToken(content, singleWord, lstrip, rstrip, false, special);
  }

  public ObjectNode toJson(int id) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("id", id)
        .put("content", content)
        .put("single_word", singleWord)
        .put("lstrip", lstrip)
        .put("rstrip", rstrip)
        .put("normalized", normalized)
        .put("special", special);
  }
}
