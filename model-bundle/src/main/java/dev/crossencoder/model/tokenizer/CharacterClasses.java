package dev.crossencoder.model.tokenizer;

/** Characters of which every part of every tokenizer thinks the same. */
final class CharacterClasses {
  private static final char FIRST_PRINTABLE = '!';
  private static final char LAST_PRINTABLE = '~';

  private CharacterClasses() {}

  /** Whether a character is white space to everybody. */
  static boolean isSpace(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
  }

  /** Whether a character is a letter, digit or sign of ASCII. */
  static boolean isPrintable(char c) {
    return c >= FIRST_PRINTABLE && c <= LAST_PRINTABLE;
  }

  /** Whether a text has letters, digits and signs of ASCII only. */
  static boolean isPlain(String text) {
    return text.chars().allMatch(c -> isPrintable((char) c));
  }

  /**
   * Whether a character is no white space to anybody, and stands for itself: it makes no cluster
   * with a space, nor with another of its kind. Letters of the more common scripts without marks.
   */
  static boolean standsAlone(char c) {
    return isPrintable(c)
        || (c >= '\u00C0' && c <= '\u024F')
        || (c >= '\u0386' && c <= '\u0481' && Character.isLetter(c))
        || (c >= '\u048A' && c <= '\u052F')
        || (c >= '\u05D0' && c <= '\u05EA')
        || (c >= '\u0620' && c <= '\u064A')
        || (c >= '\u3041' && c <= '\u3096')
        || (c >= '\u30A1' && c <= '\u30FA')
        || (c >= '\u4E00' && c <= '\u9FFF')
        || (c >= '\uAC00' && c <= '\uD7A3');
  }
}
