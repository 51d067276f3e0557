package dev.crossencoder.model.tokenizer;

import dev.crossencoder.model.Chunk;
import dev.crossencoder.model.Chunking;
import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.PairTooLongException;
import dev.crossencoder.model.TextPair;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * A pair with one of its texts divided into chunks, which are tokenized one by one. The tokens of a
 * chunk are those of a pair with the chunk as its text: {@code encode(new TextPair(query,
 * text.substring(start, end)))}.
 *
 * <p>A chunk ends with a sentence if one ends in its second half, else with a word. It begins with
 * the earliest sentence in the last {@link Chunking#overlap} tokens of the chunk before, else with
 * the earliest word there. The chunks contain all of the text except white space. A grapheme
 * cluster is divided only if a chunk cannot contain it. The other text of the pair keeps at most
 * half of the tokens (the larger half of an odd number); if it may not be truncated, it may have at
 * most three quarters of them.
 *
 * <p>Time is linear in the length of the text, and memory besides the text is bounded. Owned by one
 * thread at a time.
 */
public final class PairChunks implements Iterator<PairChunks.EncodedChunk> {
  private final PairEncoder encoder;
  private final PairText divided;
  private final int maxChunks;

  /** The tokens of the text that is not divided. */
  private final int[] other;

  /** The whole pair; null if a text is divided. */
  private final EncodedPair whole;

  /** Null if no text is divided. */
  private final TextChunks chunks;

  private int index;

  /**
   * A chunk with its tokens.
   *
   * @param chunk null if the text is not divided
   */
  public record EncodedChunk(Chunk chunk, EncodedPair pair) {}

  /** Tokenizes the pair if it fits, else begins to divide it. */
  PairChunks(PairEncoder encoder, TextPair pair, PairText divided, Chunking chunking) {
    this.encoder = encoder;
    this.divided = divided;
    PairEncoder.TokenizedText first = encoder.tokenizeFirst(pair);
    PairEncoder.TokenizedText second = encoder.tokenizeSecond(pair);
    this.other = divided == PairText.FIRST ? second.ids() : first.ids();
    int textTokens = (divided == PairText.FIRST ? first : second).ids().length;
    int max = encoder.maxTextTokens();
    // A text fits, too, if only the other one is too long.
    boolean fits = textTokens + (long) other.length <= max || textTokens <= room(max);
    TextChunks parts = fits ? null : divide(pair, room(max), chunking);
    boolean isDivided = parts != null && parts.hasNext();
    this.whole = isDivided ? null : encoder.encode(pair, first, second);
    this.chunks = isDivided ? parts : null;
    this.maxChunks = isDivided ? chunking.max().orElse(Integer.MAX_VALUE) : 1;
  }

  private TextChunks divide(TextPair pair, int room, Chunking chunking) {
    int promptTokens = encoder.promptTokens(divided);
    int maxIds =
        (int) Math.min(room, (long) chunking.tokens().orElse(Integer.MAX_VALUE) + promptTokens);
    return new TextChunks(
        divided == PairText.FIRST ? pair.text() : pair.textPair(),
        chunk -> encoder.ids(divided, chunk),
        maxIds,
        part -> encoder.ids(PairText.SECOND, part),
        Math.max(1, maxIds - promptTokens),
        chunking.overlap());
  }

  /**
   * Returns how many tokens a chunk may have beside the other text.
   *
   * @param max the tokens of both texts together
   * @throws PairTooLongException if the other text may not be truncated and leaves too little room
   */
  private int room(int max) {
    Truncation truncation = encoder.truncation();
    boolean otherStaysWhole =
        truncation == (divided == PairText.FIRST ? Truncation.ONLY_FIRST : Truncation.ONLY_SECOND);
    if (!otherStaysWhole) {
      return max - Math.min(other.length, max - max / 2);
    }
    if (other.length > max - max / 4) {
      throw new PairTooLongException(
          "The pair does not fit: its %s text has at least %d tokens, there is room for %d in both texts, and truncation %s keeps it whole, so it must leave a quarter of them to the chunks of the other text. Shorten the %s text, raise the max length, or choose the truncation longest_first."
              .formatted(
                  divided == PairText.FIRST ? "second" : "first",
                  other.length,
                  max,
                  truncation.key(),
                  divided == PairText.FIRST ? "second" : "first"));
    }
    return max - other.length;
  }

  /** Returns whether there are more chunks to score. */
  @Override
  public boolean hasNext() {
    return index < maxChunks && (chunks == null || chunks.hasNext());
  }

  /** Returns whether there is text behind the last chunk that {@link #next} returned. */
  public boolean textLeft() {
    return chunks != null && chunks.hasNext();
  }

  @Override
  public EncodedChunk next() {
    if (!hasNext()) {
      throw new NoSuchElementException("There are no more chunks");
    }
    if (chunks == null) {
      index++;
      return new EncodedChunk(null, whole);
    }
    TextChunks.TextChunk chunk = chunks.next();
    EncodedPair encoded =
        divided == PairText.FIRST
            ? encoder.join(chunk.ids(), other)
            : encoder.join(other, chunk.ids());
    return new EncodedChunk(new Chunk(index++, chunk.start(), chunk.end()), encoded);
  }
}
