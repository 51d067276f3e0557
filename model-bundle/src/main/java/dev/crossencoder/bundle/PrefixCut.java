package dev.crossencoder.bundle;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Where a text may be cut so that the tokens of the first part are the first tokens of the whole.
 *
 * <p>BERT's pre-tokeniser splits at white space, and its normaliser puts spaces around Chinese
 * characters; it never looks across either. Added tokens could reach across, so none may hold any.
 * For other tokenisers nothing is known, and nothing is cut.
 */
final class PrefixCut {
  private final boolean atSpaces;
  private final boolean atChineseCharacters;

  private PrefixCut(boolean atSpaces, boolean atChineseCharacters) {
    this.atSpaces = atSpaces;
    this.atChineseCharacters = atChineseCharacters;
  }

  /** Reads from {@code tokenizer.json} what is safe. */
  static PrefixCut of(JsonNode tokenizer) {
    JsonNode normalizer = tokenizer.path("normalizer");
    boolean bert =
        tokenizer.path("pre_tokenizer").path("type").asText().equals("BertPreTokenizer")
            && normalizer.path("type").asText().equals("BertNormalizer");
    for (JsonNode token : tokenizer.path("added_tokens")) {
      String content = token.path("content").asText();
      bert &= content.chars().noneMatch(c -> Character.isWhitespace(c) || isChinese((char) c));
    }
    return new PrefixCut(bert, bert && normalizer.path("handle_chinese_chars").asBoolean());
  }

  /** Returns the last place to cut at or before a limit, or 0 if there is none. */
  int before(String text, int limit) {
    for (int i = limit; i > 0; i--) {
      char c = text.charAt(i);
      if ((atSpaces && isSpace(c)) || (atChineseCharacters && isChinese(c))) {
        return i;
      }
    }
    return 0;
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
  }

  /** The two blocks with nearly all of them; the normaliser knows some more. */
  private static boolean isChinese(char c) {
    return (c >= '\u4E00' && c <= '\u9FFF') || (c >= '\u3400' && c <= '\u4DBF');
  }
}
