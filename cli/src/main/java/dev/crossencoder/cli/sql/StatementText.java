package dev.crossencoder.cli.sql;

/** Finds where statements end in SQL text: at a semicolon outside of quotes and comments. */
final class StatementText {
  private StatementText() {}

  /**
   * Returns the index of the first semicolon outside of quotes and comments, or -1 if there is
   * none.
   *
   * @param from the index at which the search starts, outside of quotes and comments
   */
  static int semicolon(CharSequence text, int from) {
    return find(text, from, false);
  }

  /** Returns whether the text consists of spaces, comments and semicolons. */
  static boolean isBlank(CharSequence text) {
    return find(text, 0, true) < 0;
  }

  /**
   * Returns the index of the first semicolon, or of the first character that is part of a
   * statement, or -1.
   */
  private static int find(CharSequence text, int from, boolean statement) {
    int i = from;
    while (i < text.length()) {
      char c = text.charAt(i);
      if (starts(text, i, "--")) {
        i = after(text, i + 2, "\n");
      } else if (starts(text, i, "/*")) {
        i = after(text, i + 2, "*/");
      } else if (statement) {
        if (c != ';' && !Character.isWhitespace(c)) {
          return i;
        }
        i++;
      } else if (c == ';') {
        return i;
      } else if (c == '\'' || c == '`' || c == '"') {
        // A doubled quote is one quote that ends and another one that begins.
        i = after(text, i + 1, String.valueOf(c));
      } else {
        i++;
      }
    }
    return -1;
  }

  private static boolean starts(CharSequence text, int at, String word) {
    return at + word.length() <= text.length()
        && word.contentEquals(text.subSequence(at, at + word.length()));
  }

  /** Returns the index after the next occurrence of a word, or the end of the text. */
  private static int after(CharSequence text, int from, String word) {
    for (int i = from; i + word.length() <= text.length(); i++) {
      if (starts(text, i, word)) {
        return i + word.length();
      }
    }
    return text.length();
  }
}
