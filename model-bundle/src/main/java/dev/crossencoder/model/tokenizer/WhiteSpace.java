package dev.crossencoder.model.tokenizer;

/**
 * White space between words: every character that is white space or a space by Unicode, unless a
 * combining character follows, with which it is one grapheme cluster.
 */
final class WhiteSpace {
  private WhiteSpace() {}

  /** Whether the character at an index is white space. */
  static boolean at(String text, int index) {
    char c = text.charAt(index);
    return (Character.isWhitespace(c) || Character.isSpaceChar(c))
        && (index + 1 == text.length() || !Graphemes.continues(text, index + 1));
  }

  /** Returns the index of the first character from {@code start} that is not white space. */
  static int skip(String text, int start, int end) {
    int position = start;
    while (position < end && at(text, position)) {
      position++;
    }
    return position;
  }

  /** Returns the index behind the last character before {@code end} that is not white space. */
  static int strip(String text, int start, int end) {
    int position = end;
    while (position > start && at(text, position - 1)) {
      position--;
    }
    return position;
  }

  /**
   * Returns the index of the first white space from {@code start}; {@code end} if there is none.
   */
  static int find(String text, int start, int end) {
    int position = start;
    while (position < end && !at(text, position)) {
      position++;
    }
    return position;
  }
}
