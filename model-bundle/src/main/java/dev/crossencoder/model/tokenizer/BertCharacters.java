package dev.crossencoder.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.Locale;

/**
 * What BERT's normalizer and pre-tokenizer make of each UTF-16 code unit: white space, a part of a
 * word, or a word of its own, and the characters that stand for it. Immutable.
 *
 * <p>Known are ASCII, Latin, Greek, Cyrillic, Chinese characters, Japanese syllables, and their
 * punctuation. Within these blocks, Java and the native library have the same properties of
 * characters, and no character changes another one: accents are removed one by one, and
 * lower-casing has no context. All other characters are {@link Kind#OTHER}, because the libraries
 * follow different versions of Unicode.
 *
 * <p>Source: {@code BertNormalizer} and {@code BertPreTokenizer} of huggingface/tokenizers.
 */
final class BertCharacters {
  /** What a character is. */
  enum Kind {
    /** Separates words. */
    WHITESPACE,
    /** A part of a word, or nothing if its replacement is empty. */
    WORD,
    /** Punctuation or a Chinese character, which is a word of its own. */
    SINGLE,
    /** May be changed in another way, or may start an added token. */
    OTHER
  }

  private static final int CHARACTERS = Character.MAX_VALUE + 1;

  private final Kind[] kinds = new Kind[CHARACTERS];

  /** What stands for a character: the character itself if it is null. */
  private final String[] replacements = new String[CHARACTERS];

  private final boolean lowercase;
  private final boolean stripAccents;
  private final boolean chineseApart;

  private BertCharacters(JsonNode normalizer) {
    lowercase = normalizer.path("lowercase").asBoolean();
    // Without a value, accents are removed if letters are lower-cased.
    stripAccents = normalizer.path("strip_accents").asBoolean(lowercase);
    chineseApart = normalizer.path("handle_chinese_chars").asBoolean(true);
  }

  /**
   * Reads a tokenizer.
   *
   * @param tokenizer the content of {@code tokenizer.json}, with a {@code BertNormalizer}
   */
  static BertCharacters of(JsonNode tokenizer) {
    BertCharacters characters = new BertCharacters(tokenizer.path("normalizer"));
    Arrays.fill(characters.kinds, Kind.OTHER);
    for (char c = 0; c < 128; c++) {
      if (CharacterClasses.isWhitespace(c)) {
        characters.set(c, Kind.WHITESPACE);
      }
    }
    CharacterClasses.forEachKnown(characters::add);
    characters.exclude(tokenizer.path("added_tokens"));
    return characters;
  }

  private void set(char c, Kind kind) {
    kinds[c] = kind;
  }

  private void add(char c) {
    switch (Character.getType(c)) {
      case Character.UNASSIGNED,
          Character.CONTROL,
          Character.FORMAT,
          Character.PRIVATE_USE,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR -> {
        return;
      }
      case Character.SPACE_SEPARATOR -> {
        set(c, Kind.WHITESPACE);
        return;
      }
      default -> {}
    }
    String normalized = normalized(c);
    if (normalized.length() != 1 || normalized.charAt(0) != c) {
      replacements[c] = normalized;
    }
    boolean single =
        (chineseApart && CharacterClasses.isChinese(c))
            || normalized.chars().anyMatch(BertCharacters::isPunctuation);
    if (single && normalized.length() != 1) {
      return;
    }
    set(c, single ? Kind.SINGLE : Kind.WORD);
  }

  private String normalized(char c) {
    String text = String.valueOf(c);
    if (stripAccents) {
      StringBuilder kept = new StringBuilder();
      Normalizer.normalize(text, Normalizer.Form.NFD)
          .chars()
          .filter(part -> Character.getType(part) != Character.NON_SPACING_MARK)
          .forEach(part -> kept.append((char) part));
      text = kept.toString();
    }
    return lowercase ? text.toLowerCase(Locale.ROOT) : text;
  }

  /** An added token may be matched before or after the text is normalized, in either case. */
  private void exclude(JsonNode addedTokens) {
    boolean[] starts = new boolean[128];
    for (JsonNode token : addedTokens) {
      String content = token.path("content").asText();
      if (!content.isEmpty()) {
        starts[Character.toLowerCase(content.charAt(0))] = true;
        starts[Character.toUpperCase(content.charAt(0))] = true;
      }
    }
    for (int c = 0; c < CHARACTERS; c++) {
      String normalized = replacements[c] == null ? String.valueOf((char) c) : replacements[c];
      if (normalized.chars().anyMatch(part -> part < 128 && starts[part])
          || (c < 128 && starts[c])) {
        set((char) c, Kind.OTHER);
      }
    }
  }

  private static boolean isPunctuation(int c) {
    if (c < 128) {
      return !Character.isLetterOrDigit(c);
    }
    return switch (Character.getType(c)) {
      case Character.CONNECTOR_PUNCTUATION,
          Character.DASH_PUNCTUATION,
          Character.START_PUNCTUATION,
          Character.END_PUNCTUATION,
          Character.INITIAL_QUOTE_PUNCTUATION,
          Character.FINAL_QUOTE_PUNCTUATION,
          Character.OTHER_PUNCTUATION ->
          true;
      default -> false;
    };
  }

  Kind kind(char c) {
    return kinds[c];
  }

  /** Returns what stands for a character; null for the character itself. */
  String replacement(char c) {
    return replacements[c];
  }
}
