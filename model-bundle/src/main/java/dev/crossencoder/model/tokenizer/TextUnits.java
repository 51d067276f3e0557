package dev.crossencoder.model.tokenizer;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.regex.Matcher;

/**
 * Reads a text as {@link TextUnit}s, from its start to its end, in time linear in its length. It
 * looks at a bounded part of the text at once, and cuts what is longer at a space, else between
 * grapheme clusters. Owned by one thread.
 */
final class TextUnits {
  /** The largest number of grapheme clusters of a part of a long word. */
  private static final int CLUSTERS_OF_A_PART = 16;

  private final String text;
  private final ToIntFunction<String> tokens;
  private final int maxTokens;
  private final int maxChars;
  private final Deque<TextUnit> waiting = new ArrayDeque<>();

  /** Where the part of the text ends that was read. */
  private int position;

  private boolean inSentence;

  /**
   * Creates a reader.
   *
   * @param tokens counts the tokens of a text
   * @param maxTokens the tokens of a chunk. A sentence of more than half of them is divided into
   *     words, and a word of more than that is divided into parts.
   * @param maxChars the largest number of characters of a unit with the white space before it
   */
  TextUnits(String text, ToIntFunction<String> tokens, int maxTokens, int maxChars) {
    this.text = text;
    this.tokens = tokens;
    this.maxTokens = maxTokens;
    this.maxChars = maxChars;
  }

  /** Returns the next unit without removing it; null at the end of the text. */
  TextUnit peek() {
    if (waiting.isEmpty()) {
      read();
    }
    return waiting.peek();
  }

  /** Removes the unit that {@link #peek} returned. */
  void remove() {
    waiting.remove();
  }

  /** Puts a unit back, so that it is the next one. */
  void putBack(TextUnit unit) {
    waiting.addFirst(unit);
  }

  /**
   * Divides a unit: a sentence into words, a word into parts of it, a part into grapheme clusters,
   * a cluster into characters. Returns the unit alone if it is one character.
   */
  List<TextUnit> divide(TextUnit unit) {
    List<Integer> ends = wordEnds(unit);
    if (ends.size() == 1) {
      ends = partEnds(unit);
    }
    if (ends.size() == 1) {
      ends = clusterEnds(unit);
    }
    if (ends.size() == 1) {
      ends = characterEnds(unit);
    }
    return units(unit, ends);
  }

  /** Returns the words of a unit. */
  List<TextUnit> words(TextUnit unit) {
    return units(unit, wordEnds(unit));
  }

  /** Returns the units that end at given positions of a unit. */
  private List<TextUnit> units(TextUnit unit, List<Integer> ends) {
    if (ends.size() == 1) {
      return List.of(unit);
    }
    List<TextUnit> units = new ArrayList<>(ends.size());
    int last = ends.size() - 1;
    int before = unit.before();
    for (int i = 0; i <= last; i++) {
      units.add(
          unit(
              before,
              ends.get(i),
              unit.startsSentence() && i == 0,
              unit.endsSentence() && i == last));
      before = ends.get(i);
    }
    return units;
  }

  /** Reads the next sentence, or as much of it as may be read at once. */
  private void read() {
    int before = position;
    int start = WhiteSpace.skip(text, before, text.length());
    if (start == text.length()) {
      position = start;
      return;
    }
    int limit = (int) Math.min((long) start + maxChars, text.length());
    int end = Sentences.end(text, start, limit);
    boolean whole = end < limit || limit == text.length();
    end = WhiteSpace.strip(text, start, whole ? end : cut(start, limit));
    position = end;
    TextUnit unit = unit(before, end, !inSentence, whole);
    inSentence = !whole;
    if (unit.tokens() > maxTokens / 2) {
      words(unit)
          .forEach(
              word -> {
                if (alone(word).tokens() > maxTokens) {
                  waiting.addAll(divide(word));
                } else {
                  waiting.add(word);
                }
              });
    } else {
      waiting.add(unit);
    }
  }

  /** Returns a unit with the number of its tokens without the white space before it. */
  TextUnit alone(TextUnit unit) {
    return unit.tokens() <= maxTokens
        ? unit
        : unit(unit.start(), unit.end(), unit.startsSentence(), unit.endsSentence());
  }

  private TextUnit unit(int before, int end, boolean startsSentence, boolean endsSentence) {
    int start = WhiteSpace.skip(text, before, end);
    int count =
        (long) end - before <= 2L * maxChars
            ? tokens.applyAsInt(text.substring(before, end))
            : Integer.MAX_VALUE;
    return new TextUnit(before, start, end, count, startsSentence, endsSentence);
  }

  /** Returns where to cut what is too long: at the last space, else before the last cluster. */
  private int cut(int start, int limit) {
    for (int i = limit - 1; i > start; i--) {
      if (WhiteSpace.at(text, i)) {
        return i;
      }
    }
    int end = start;
    // Two more characters tell whether the cluster before the limit ends there.
    int known = Math.min(text.length(), limit + 2);
    Matcher clusters = Graphemes.clusters(text, start, known);
    while (end < limit && clusters.find() && clusters.end() <= limit) {
      end = clusters.end();
    }
    return end > start ? end : afterCharacter(limit - 1);
  }

  /** Returns the index behind the character at an index: behind both of its surrogates. */
  private int afterCharacter(int index) {
    int start =
        index > 0
                && Character.isLowSurrogate(text.charAt(index))
                && Character.isHighSurrogate(text.charAt(index - 1))
            ? index - 1
            : index;
    return start + Character.charCount(text.codePointAt(start));
  }

  /** Returns the ends of the words of a unit. */
  private List<Integer> wordEnds(TextUnit unit) {
    List<Integer> ends = new ArrayList<>();
    int start = unit.start();
    while (start < unit.end()) {
      int end = WhiteSpace.find(text, start, unit.end());
      ends.add(end);
      start = WhiteSpace.skip(text, end, unit.end());
    }
    return ends;
  }

  /**
   * Returns the ends of parts of a word: a part ends before a letter or digit that follows another
   * character, else after a number of clusters.
   */
  private List<Integer> partEnds(TextUnit unit) {
    int mostClusters = Math.max(1, Math.min(CLUSTERS_OF_A_PART, maxTokens / 8));
    List<Integer> ends = new ArrayList<>();
    Matcher clusters = Graphemes.clusters(text, unit.start(), unit.end());
    int inPart = 0;
    while (clusters.find()) {
      boolean begins =
          inPart > 0
              && Character.isLetterOrDigit(text.codePointAt(clusters.start()))
              && !Character.isLetterOrDigit(text.codePointBefore(clusters.start()));
      if (begins || inPart == mostClusters) {
        ends.add(clusters.start());
        inPart = 0;
      }
      inPart++;
    }
    ends.add(unit.end());
    return ends;
  }

  private List<Integer> clusterEnds(TextUnit unit) {
    List<Integer> ends = new ArrayList<>();
    Matcher clusters = Graphemes.clusters(text, unit.start(), unit.end());
    while (clusters.find()) {
      ends.add(clusters.end());
    }
    return ends;
  }

  private List<Integer> characterEnds(TextUnit unit) {
    List<Integer> ends = new ArrayList<>();
    int end = unit.start();
    while (end < unit.end()) {
      end = afterCharacter(end);
      ends.add(end);
    }
    return ends;
  }
}
