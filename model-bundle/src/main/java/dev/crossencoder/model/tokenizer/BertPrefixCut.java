package dev.crossencoder.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * Cuts for BERT's tokenizers: the pre-tokenizer splits at white space, and the normalizer puts
 * spaces around Chinese characters; neither looks across. Added tokens could reach across, so none
 * may hold any.
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
      // The normal form of a plain token has no spaces that the token has not.
      if (!CharacterClasses.isPlain(token.path("content").asText())) {
        return Optional.empty();
      }
      // To a single word, a Chinese character is a neighbour; the end of the text is none.
      chinese &= !token.path("single_word").asBoolean();
    }
    return Optional.of(new BertPrefixCut(chinese));
  }

  @Override
  public int before(String text, int limit) {
    for (int i = limit; i > 0; i--) {
      char c = text.charAt(i);
      if (CharacterClasses.isSpace(c) || (atChineseCharacters && isChinese(c))) {
        return i;
      }
    }
    return 0;
  }

  /** The two blocks with nearly all of them; the normalizer knows some more. */
  private static boolean isChinese(char c) {
    return (c >= '\u4E00' && c <= '\u9FFF') || (c >= '\u3400' && c <= '\u4DBF');
  }
}
