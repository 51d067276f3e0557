package dev.crossencoder.model.tokenizer;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Grapheme clusters: what a reader sees as one character, such as an emoji of several parts. */
final class Graphemes {
  private static final Pattern CLUSTER = Pattern.compile("\\X");
  private static final char ZERO_WIDTH_JOINER = '\u200d';

  private Graphemes() {}

  /** Whether the character at an index continues the cluster of any character before it. */
  static boolean continues(String text, int index) {
    char c = text.charAt(index);
    // The marks below are no ASCII characters, and most texts have few others.
    if (c < '\u0300') {
      return false;
    }
    int type = Character.getType(text.codePointAt(index));
    return c == ZERO_WIDTH_JOINER
        || type == Character.NON_SPACING_MARK
        || type == Character.ENCLOSING_MARK
        || type == Character.COMBINING_SPACING_MARK;
  }

  /** A matcher whose matches are the clusters of a part of a text. */
  static Matcher clusters(String text, int start, int end) {
    return CLUSTER.matcher(text).region(start, end).useTransparentBounds(true);
  }
}
