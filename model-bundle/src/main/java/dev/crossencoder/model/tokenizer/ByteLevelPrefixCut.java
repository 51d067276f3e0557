package dev.crossencoder.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * Cut positions for byte-level BPE tokenizers: before white space that follows another character.
 *
 * <p>The pre-tokenizer's regular expression is {@code 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+|
 * ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+}. A match that contains other characters than white space has
 * white space at its start only, so no match crosses a cut position. The lookahead reads one
 * character behind a run of white space, which is on the same side of the cut. An added token
 * crosses a cut position only if white space follows another character within the token. Added
 * tokens with {@code lstrip} or {@code rstrip} extend over white space only, so they end at the cut
 * position.
 */
final class ByteLevelPrefixCut implements PrefixCut {
  private static final ByteLevelPrefixCut INSTANCE = new ByteLevelPrefixCut();

  private ByteLevelPrefixCut() {}

  static Optional<PrefixCut> of(JsonNode tokenizer) {
    JsonNode preTokenizer = tokenizer.path("pre_tokenizer");
    JsonNode normalizer = tokenizer.path("normalizer");
    // Unicode normalization form C composes no character with a space.
    boolean known =
        preTokenizer.path("type").asText().equals("ByteLevel")
            && preTokenizer.path("use_regex").asBoolean(true)
            && (normalizer.isNull()
                || normalizer.isMissingNode()
                || normalizer.path("type").asText().equals("NFC"));
    for (JsonNode token : tokenizer.path("added_tokens")) {
      String content = token.path("content").asText();
      known &= content.isBlank() || CharacterClasses.isPrintableAscii(content);
    }
    return known ? Optional.of(INSTANCE) : Optional.empty();
  }

  @Override
  public int before(String text, int limit) {
    for (int i = limit; i > 0; i--) {
      if (CharacterClasses.isWhitespace(text.charAt(i))
          && CharacterClasses.isSingleGrapheme(text.charAt(i - 1))) {
        return i;
      }
    }
    return 0;
  }
}
