package dev.crossencoder.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * Cuts for tokenizers that merge bytes: before white space that follows something else.
 *
 * <p>The pre-tokenizer's expression is {@code 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+|
 * ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+}. A match with something else than white space has white space at
 * its start only, so none reaches over such a place; and what a match looks at behind its end, the
 * first character that is no white space, is on its own side. An added token reaches over it only
 * if white space follows something else within the token. Tokens that take the white space around
 * them stop at the place, or at the cut.
 */
final class ByteLevelPrefixCut implements PrefixCut {
  private static final ByteLevelPrefixCut INSTANCE = new ByteLevelPrefixCut();

  private ByteLevelPrefixCut() {}

  static Optional<PrefixCut> of(JsonNode tokenizer) {
    JsonNode preTokenizer = tokenizer.path("pre_tokenizer");
    JsonNode normalizer = tokenizer.path("normalizer");
    // Normal form C joins nothing with a space.
    boolean known =
        preTokenizer.path("type").asText().equals("ByteLevel")
            && preTokenizer.path("use_regex").asBoolean(true)
            && (normalizer.isNull()
                || normalizer.isMissingNode()
                || normalizer.path("type").asText().equals("NFC"));
    for (JsonNode token : tokenizer.path("added_tokens")) {
      String content = token.path("content").asText();
      known &= content.isBlank() || CharacterClasses.isPlain(content);
    }
    return known ? Optional.of(INSTANCE) : Optional.empty();
  }

  @Override
  public int before(String text, int limit) {
    for (int i = limit; i > 0; i--) {
      if (CharacterClasses.isSpace(text.charAt(i))
          && CharacterClasses.standsAlone(text.charAt(i - 1))) {
        return i;
      }
    }
    return 0;
  }
}
