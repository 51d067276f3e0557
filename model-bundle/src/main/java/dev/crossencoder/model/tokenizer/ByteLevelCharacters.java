package dev.crossencoder.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.text.Normalizer;
import java.util.Arrays;

/**
 * What the regular expression of byte-level BPE makes of each UTF-16 code unit. Immutable.
 *
 * <p>Known are the blocks in which Java and the native library have the same letters and numbers.
 * All other characters but white space are {@link Kind#OTHER}, because the libraries follow
 * different versions of Unicode.
 */
final class ByteLevelCharacters {
  /** The classes of the regular expression, and what it is not applied to. */
  enum Kind {
    /** {@code \s}. */
    WHITESPACE,
    /** {@code \s} that the normalizer changes. */
    OTHER_WHITESPACE,
    /** {@code \p{L}}. */
    LETTER,
    /** {@code \p{N}}. */
    NUMBER,
    /** Neither white space nor a letter nor a number. */
    SYMBOL,
    /** Of an unknown class, or changed by the normalizer, or the start of an added token. */
    OTHER
  }

  private static final int CHARACTERS = Character.MAX_VALUE + 1;

  /** The characters with the property White_Space. */
  private static final String WHITESPACE =
      "\t\n\u000b\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
          + "\u200a\u2028\u2029\u202f\u205f\u3000";

  private final Kind[] kinds = new Kind[CHARACTERS];

  private ByteLevelCharacters() {}

  /**
   * Reads a tokenizer.
   *
   * @param tokenizer the content of {@code tokenizer.json}
   * @param composes whether the normalizer is NFC
   */
  static ByteLevelCharacters of(JsonNode tokenizer, boolean composes) {
    ByteLevelCharacters characters = new ByteLevelCharacters();
    Arrays.fill(characters.kinds, Kind.OTHER);
    CharacterClasses.forEachKnown(
        c -> {
          if (!composes || isComposed(c)) {
            characters.set(c, kindOf(c));
          }
        });
    WHITESPACE
        .chars()
        .forEach(
            c ->
                characters.set(
                    (char) c,
                    !composes || isComposed((char) c) ? Kind.WHITESPACE : Kind.OTHER_WHITESPACE));
    for (JsonNode token : tokenizer.path("added_tokens")) {
      String content = token.path("content").asText();
      if (!content.isEmpty()) {
        characters.set(content.charAt(0), Kind.OTHER);
      }
    }
    return characters;
  }

  private void set(char c, Kind kind) {
    kinds[c] = kind;
  }

  /** Whether NFC keeps a character whatever stands beside it, if that is composed, too. */
  private static boolean isComposed(char c) {
    return switch (Character.getType(c)) {
      case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK ->
          false;
      default -> Normalizer.isNormalized(String.valueOf(c), Normalizer.Form.NFC);
    };
  }

  private static Kind kindOf(char c) {
    return switch (Character.getType(c)) {
      case Character.UPPERCASE_LETTER,
          Character.LOWERCASE_LETTER,
          Character.TITLECASE_LETTER,
          Character.MODIFIER_LETTER,
          Character.OTHER_LETTER ->
          Kind.LETTER;
      case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER ->
          Kind.NUMBER;
      case Character.UNASSIGNED, Character.PRIVATE_USE, Character.SURROGATE -> Kind.OTHER;
      default -> Kind.SYMBOL;
    };
  }

  Kind kind(char c) {
    return kinds[c];
  }

  boolean isWhitespace(char c) {
    Kind kind = kind(c);
    return kind == Kind.WHITESPACE || kind == Kind.OTHER_WHITESPACE;
  }
}
