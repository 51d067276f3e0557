package dev.crossencoder.model.tokenizer;

import dev.crossencoder.model.Chunking;
import java.util.ArrayList;
import java.util.List;

/**
 * Divides a text into chunks with bounded numbers of tokens and characters. {@link PairChunks} says
 * where a chunk begins and ends. Owned by one thread.
 */
final class TextChunks {
  /** The largest length of a chunk in characters, which matters for long runs of white space. */
  private static final int MAX_CHARS_PER_TOKEN = 64;

  private static final int UNITS_OF_A_LONG_CHUNK = 4;

  private final String text;
  private final TextIds ids;
  private final int maxIds;
  private final int maxTokens;
  private final int maxOverlap;
  private final int maxChars;
  private final TextUnits units;

  /** The units of the chunk that is being filled. */
  private final List<TextUnit> window = new ArrayList<>();

  /** How many units at the start of the window belong to the chunk before, too. */
  private int repeated;

  /** A chunk of the text with its ids. */
  record TextChunk(int start, int end, int[] ids) {}

  /**
   * Begins to divide a text.
   *
   * @param ids returns the ids of a chunk
   * @param maxIds the largest number of ids of a chunk
   * @param units returns the ids of a part of a chunk, without a prompt
   * @param maxTokens the largest sum of tokens of the units of a chunk
   * @param maxOverlap the largest number of tokens that a chunk repeats
   */
  TextChunks(String text, TextIds ids, int maxIds, TextIds units, int maxTokens, int maxOverlap) {
    this.text = text;
    this.ids = ids;
    this.maxIds = maxIds;
    this.maxTokens = maxTokens;
    this.maxOverlap = Math.min(maxOverlap, maxTokens / 2);
    this.maxChars = MAX_CHARS_PER_TOKEN * Math.max(Chunking.MIN_TOKENS, maxTokens);
    this.units =
        new TextUnits(
            text, part -> units.ids(part).length, maxTokens, maxChars / UNITS_OF_A_LONG_CHUNK);
  }

  /** Whether there is text, except white space, behind the last chunk. */
  boolean hasNext() {
    return units.peek() != null;
  }

  /** Returns the next chunk. It must exist. */
  TextChunk next() {
    fill();
    if (hasNext()) {
      endWithSentence();
    }
    int[] chunkIds = fit();
    TextChunk chunk = new TextChunk(window.get(0).start(), lastUnit().end(), chunkIds);
    repeatEnd();
    return chunk;
  }

  private TextUnit lastUnit() {
    return window.get(window.size() - 1);
  }

  /** Adds units to the window while the sum of their tokens allows it, and at least one. */
  private void fill() {
    long tokens = tokens();
    for (TextUnit unit = units.peek(); unit != null; unit = units.peek()) {
      if (window.isEmpty()) {
        units.remove();
        window.add(units.alone(unit));
        tokens = tokens();
      } else if (tokens + unit.tokens() <= maxTokens
          && unit.end() - window.get(0).start() <= maxChars) {
        units.remove();
        window.add(unit);
        tokens += unit.tokens();
      } else if (window.size() == repeated) {
        // Nothing new fits behind what is repeated.
        tokens -= window.remove(0).tokens();
        repeated--;
      } else {
        return;
      }
    }
  }

  private long tokens() {
    return window.stream().mapToLong(TextUnit::tokens).sum();
  }

  /** Puts back what follows the last sentence end in the second half of the window. */
  private void endWithSentence() {
    long tokens = tokens();
    for (int last = window.size() - 1; last >= repeated && tokens > maxTokens / 2; last--) {
      if (window.get(last).endsSentence()) {
        putBack(last + 1);
        return;
      }
      tokens -= window.get(last).tokens();
    }
  }

  private void putBack(int from) {
    while (window.size() > from) {
      units.putBack(window.remove(window.size() - 1));
    }
  }

  /**
   * Shortens the window until it fits, because its ids can be more than the sum of the tokens of
   * its units. Returns its ids.
   */
  private int[] fit() {
    while (true) {
      int[] found = ids.ids(text.substring(window.get(0).start(), lastUnit().end()));
      long excess = (long) found.length - maxIds;
      if (excess <= 0) {
        return found;
      }
      if (window.size() - repeated > 1) {
        int from = window.size();
        while (from > repeated + 1 && excess > 0) {
          from--;
          excess -= Math.max(1, window.get(from).tokens());
        }
        putBack(from);
      } else if (repeated > 0) {
        window.remove(0);
        repeated--;
      } else {
        List<TextUnit> parts = units.divide(window.get(0));
        if (parts.size() == 1) {
          return found;
        }
        window.clear();
        window.addAll(parts);
      }
    }
  }

  /** Leaves in the window what the next chunk repeats. */
  private void repeatEnd() {
    List<TextUnit> end = new ArrayList<>(window);
    window.clear();
    repeated = 0;
    if (maxOverlap == 0 || !hasNext()) {
      return;
    }
    TextUnit last = end.get(end.size() - 1);
    if (last.tokens() > maxOverlap) {
      end.remove(end.size() - 1);
      end.addAll(units.words(last));
    }
    int from = end.size();
    int sentence = -1;
    long tokens = 0;
    int behind = end.get(end.size() - 1).end();
    // The next chunk must not begin where this one does. Units without tokens are bounded by their
    // characters.
    while (from > 1
        && tokens + end.get(from - 1).tokens() <= maxOverlap
        && behind - end.get(from - 1).start() <= maxChars / 2) {
      from--;
      tokens += end.get(from).tokens();
      sentence = end.get(from).startsSentence() ? from : sentence;
    }
    window.addAll(end.subList(sentence >= 0 ? sentence : from, end.size()));
    repeated = window.size();
  }
}
