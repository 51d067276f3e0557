package dev.crossencoder.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * Cut positions for BERT's tokenizers: at white space and, if the normalizer has {@code
 * handle_chinese_chars}, before Chinese characters. The pre-tokenizer splits at white space and the
 * normalizer puts spaces around Chinese characters, so no token crosses such a position. An added
 * token could cross it, so this class accepts a tokenizer only if none does.
 */
final class BertPrefixCut implements PrefixCut {
  private final boolean atChineseCharacters;

  private BertPrefixCut(boolean atChineseCharacters) {
    this.atChineseCharacters = atChineseCharacters;
  }

  static Optional<PrefixCut> of(JsonNode tokenizer) {
    JsonNode normalizer = tokenizer.path("normalizer");
    if (!tokenizer.path("pre_tokenizer").path("type").asText().equals("BertPreTokenizer")
        || !normalizer.path("type").asText().equals("BertNormalizer")) {
      return Optional.empty();
    }
    boolean chinese = normalizer.path("handle_chinese_chars").asBoolean();
    for (JsonNode token : tokenizer.path("added_tokens")) {
      // The normalizer inserts no spaces into printable ASCII.
      if (!CharacterClasses.isPrintableAscii(token.path("content").asText())) {
        return Optional.empty();
      }
      // A Chinese character before or after a single_word token prevents a match; the end of the
      // text does not.
      chinese &= !token.path("single_word").asBoolean();
    }
    return Optional.of(new BertPrefixCut(chinese));
  }

  @Override
  public int before(String text, int limit) {
    for (int i = limit; i > 0; i--) {
      char c = text.charAt(i);
      if (CharacterClasses.isWhitespace(c)
          || (atChineseCharacters && CharacterClasses.isChinese(c))) {
        return i;
      }
    }
    return 0;
  }
}
