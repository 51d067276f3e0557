package dev.crossencoder.model.tokenizer;

import dev.crossencoder.model.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Finds sentences in a text of any language, in time linear in its length. A sentence ends
 *
 * <ul>
 *   <li>behind {@code 。}, {@code ！}, {@code ？} and the like;
 *   <li>behind {@code !}, {@code ?} and the like before white space;
 *   <li>behind {@code .} or {@code …} before white space, if the next letter is not a lower-case
 *       one and the word before is neither an initial nor a title such as {@code Dr};
 *   <li>before an empty line.
 * </ul>
 *
 * <p>Closing quotes and brackets belong to the sentence before them; white space belongs to none.
 * Unlike {@link java.text.BreakIterator}, the rules are the same in every Java release, and a text
 * such as {@code .(.(.(} does not take quadratic time.
 */
public final class Sentences {
  /** They end a sentence wherever they stand: the scripts that have them use no spaces. */
  private static final String FULL_WIDTH = "\u3002\uff01\uff1f\uff61\uff0e";

  /** They end a sentence before white space. */
  private static final String TERMINATORS =
      "!?\u203c\u203d\u2047\u2048\u2049\u061f\u06d4\u0964\u0965\u17d4\u0589\u1362";

  /** They end a sentence before white space unless the text shows that it goes on. */
  private static final String FULL_STOPS = ".\u2026";

  private static final Set<String> TITLES = Set.of("Dr", "Mr", "Mrs", "Ms", "Prof");
  private static final int LONGEST_TITLE = 4;

  private Sentences() {}

  /**
   * Returns the sentences of a part of a text, in order. They cover it, apart from white space.
   *
   * @param start the index of the first character of the part
   * @param end the index behind its last character
   */
  public static List<Span> of(String text, int start, int end) {
    List<Span> sentences = new ArrayList<>();
    int position = WhiteSpace.skip(text, start, end);
    while (position < end) {
      int sentenceEnd = WhiteSpace.strip(text, position, end(text, position, end));
      sentences.add(new Span(position, sentenceEnd));
      position = WhiteSpace.skip(text, sentenceEnd, end);
    }
    return sentences;
  }

  /**
   * Returns the end of the sentence that begins at {@code start}; {@code limit} if it does not end
   * before.
   *
   * @param start the index of a character that is not white space
   */
  static int end(String text, int start, int limit) {
    int position = start;
    while (position < limit) {
      char c = text.charAt(position);
      if (isTerminator(c)) {
        int behind = behindTerminators(text, position, limit);
        if (behind < limit && ends(text, position, behind, limit)) {
          return behind;
        }
        position = behind;
      } else if (isEmptyLine(text, position, limit)) {
        return position;
      } else {
        position++;
      }
    }
    return limit;
  }

  private static boolean isTerminator(char c) {
    return FULL_STOPS.indexOf(c) >= 0 || TERMINATORS.indexOf(c) >= 0 || FULL_WIDTH.indexOf(c) >= 0;
  }

  /** Returns the position behind a run of terminators and of what closes behind them. */
  private static int behindTerminators(String text, int start, int limit) {
    int position = start + 1;
    while (position < limit
        && (isTerminator(text.charAt(position))
            || isCloser(text.charAt(position))
            || Graphemes.continues(text, position))) {
      position++;
    }
    return position;
  }

  private static boolean isCloser(char c) {
    int type = Character.getType(c);
    return c == '"'
        || c == '\''
        || type == Character.END_PUNCTUATION
        || type == Character.FINAL_QUOTE_PUNCTUATION;
  }

  /** Whether a sentence ends at {@code behind}, behind the terminators from {@code start}. */
  private static boolean ends(String text, int start, int behind, int limit) {
    boolean stopsOnly = true;
    for (int i = start; i < behind; i++) {
      char c = text.charAt(i);
      if (FULL_WIDTH.indexOf(c) >= 0) {
        return true;
      }
      stopsOnly &= TERMINATORS.indexOf(c) < 0;
    }
    if (!WhiteSpace.at(text, behind)) {
      return false;
    }
    int next = WhiteSpace.skip(text, behind, limit);
    return !stopsOnly
        || next == limit
        || !(Character.isLowerCase(text.codePointAt(next)) || isAbbreviation(text, start));
  }

  /** Whether the word before a full stop is an initial or a title. */
  private static boolean isAbbreviation(String text, int stop) {
    int start = stop;
    while (start > 0
        && stop - start <= LONGEST_TITLE
        && Character.isLetter(text.charAt(start - 1))) {
      start--;
    }
    return (stop - start == 1 && Character.isUpperCase(text.charAt(start)))
        || TITLES.contains(text.substring(start, stop));
  }

  /** Whether a line ends at {@code position}, and the next line is empty. */
  private static boolean isEmptyLine(String text, int position, int limit) {
    char c = text.charAt(position);
    if (c == '\u2029') {
      return WhiteSpace.at(text, position);
    }
    if (c != '\n' && !(c == '\r' && position + 1 < limit && text.charAt(position + 1) == '\n')) {
      return false;
    }
    int next = c == '\r' ? position + 2 : position + 1;
    while (next < limit && (text.charAt(next) == ' ' || text.charAt(next) == '\t')) {
      next++;
    }
    return next < limit
        && (text.charAt(next) == '\n' || text.charAt(next) == '\r')
        && WhiteSpace.at(text, next);
  }
}
