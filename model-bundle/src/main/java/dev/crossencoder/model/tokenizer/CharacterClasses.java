package dev.crossencoder.model.tokenizer;

/** Classes of characters that all supported normalizers and pre-tokenizers treat the same way. */
final class CharacterClasses {
  private static final char FIRST_PRINTABLE = '!';
  private static final char LAST_PRINTABLE = '~';

  /**
   * The first and the last character of each block in which Java and the native tokenizer have the
   * same properties of characters: ASCII, Latin, Greek, Cyrillic, punctuation, symbols, Japanese
   * syllables, Chinese characters, and their wide and narrow forms.
   */
  private static final char[][] KNOWN_BLOCKS = {
    {'!', '~'},
    {'\u00a0', '\u02af'},
    {'\u0300', '\u036f'},
    {'\u0370', '\u03ff'},
    {'\u0400', '\u052f'},
    {'\u1e00', '\u1eff'},
    {'\u1f00', '\u1fff'},
    {'\u2000', '\u206f'},
    {'\u20a0', '\u20bf'},
    {'\u2100', '\u214f'},
    {'\u2190', '\u22ff'},
    {'\u3000', '\u30ff'},
    {'\u3400', '\u4dbf'},
    {'\u4e00', '\u9fd5'},
    {'\uff00', '\uffef'}
  };

  private CharacterClasses() {}

  /** Receives a character. */
  interface CharConsumer {
    void accept(char c);
  }

  /** Calls an action with each character of the known blocks; some may be unassigned. */
  static void forEachKnown(CharConsumer action) {
    for (char[] block : KNOWN_BLOCKS) {
      for (int c = block[0]; c <= block[1]; c++) {
        action.accept((char) c);
      }
    }
  }

  /** Whether a character is space, line feed, tab or carriage return. */
  static boolean isWhitespace(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
  }

  /**
   * Whether a character is in one of the two largest blocks of Chinese characters; BERT's
   * normalizer knows a few more.
   */
  static boolean isChinese(char c) {
    return (c >= '\u4E00' && c <= '\u9FFF') || (c >= '\u3400' && c <= '\u4DBF');
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
