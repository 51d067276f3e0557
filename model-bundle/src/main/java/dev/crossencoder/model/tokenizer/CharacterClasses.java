package dev.crossencoder.model.tokenizer;

/** Classes of characters that all supported normalizers and pre-tokenizers treat the same way. */
final class CharacterClasses {
  private static final char FIRST_PRINTABLE = '!';
  private static final char LAST_PRINTABLE = '~';

  private CharacterClasses() {}

  /** Whether a character is space, line feed, tab or carriage return. */
  static boolean isWhitespace(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
  }

  /** Whether a character is an ASCII letter, digit or punctuation character. */
  static boolean isPrintableAscii(char c) {
    return c >= FIRST_PRINTABLE && c <= LAST_PRINTABLE;
  }

  /** Whether a text consists of ASCII letters, digits and punctuation characters. */
  static boolean isPrintableAscii(String text) {
    return text.chars().allMatch(c -> isPrintableAscii((char) c));
  }

  /**
   * Whether a character is not white space, and forms no grapheme cluster with a space or with
   * another such character: printable ASCII, and letters of the common scripts without combining
   * marks.
   */
  static boolean isSingleGrapheme(char c) {
    return isPrintableAscii(c)
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
