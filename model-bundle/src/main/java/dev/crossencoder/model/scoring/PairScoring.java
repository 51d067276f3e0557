package dev.crossencoder.model.scoring;

import dev.crossencoder.model.Chunk;
import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.Span;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.tokenizer.PairChunks.EncodedChunk;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.BooleanSupplier;

/**
 * The scoring of one pair in one or more parts. A part is an encoded pair that takes part in a
 * batch: the pair itself, or each of its chunks; then, if evidence is wanted, the best chunk
 * without each of its sentences. Parts are tokenized when they are asked for, so that a long text
 * does not occupy memory for all its chunks.
 *
 * <pre>{@code
 * PairScoring scoring = model.begin(pair);
 * while (scoring.hasNext()) {
 *   PairScoring.Part part = scoring.next();
 *   part.scored(model.scoreBatch(List.of(part.encoded())).get(0));
 * }
 * Score score = scoring.result();
 * }</pre>
 *
 * <p>{@link #hasNext} and {@link #next} belong to one thread at a time. {@link Part#scored} may be
 * called by any thread, in any order.
 */
public final class PairScoring {
  /** Null for a pair of one part. */
  private final ScoringPlan plan;

  private final TextPair pair;
  private final Iterator<EncodedChunk> chunks;
  private final BooleanSupplier textLeft;
  private final Span whole;
  private final ChunkScores scores;

  /** The parts without a score, and one more while chunks follow. Guarded by this, as all below. */
  private int open = 1;

  private boolean unread;
  private EvidenceSearch search;
  private Score result;

  /** What follows the score of a part. */
  public enum Progress {
    /** Other parts have no score yet. */
    WAITING,

    /** There are further parts: {@link #hasNext} is true again. */
    MORE,

    /** The pair is scored: {@link #result} has its score. */
    DONE
  }

  /** A part to score. */
  public final class Part {
    private final Chunk chunk;
    private final int sentence;
    private final EncodedPair encoded;

    private Part(Chunk chunk, int sentence, EncodedPair encoded) {
      this.chunk = chunk;
      this.sentence = sentence;
      this.encoded = encoded;
    }

    /** The tokens of the part. */
    public EncodedPair encoded() {
      return encoded;
    }

    /** Whether the part is scored for evidence only: the score of the pair is known. */
    public boolean isForEvidence() {
      return sentence >= 0;
    }

    /** Receives the score of the part, once. */
    public Progress scored(Score score) {
      return PairScoring.this.scored(this, score);
    }
  }

  /**
   * Begins to score a pair.
   *
   * @param textLeft whether text is left behind the last chunk
   * @param whole the part of the text that is searched for evidence if the text is not divided
   */
  PairScoring(
      ScoringPlan plan,
      TextPair pair,
      Iterator<EncodedChunk> chunks,
      BooleanSupplier textLeft,
      Span whole) {
    this.plan = plan;
    this.pair = pair;
    this.chunks = chunks;
    this.textLeft = textLeft;
    this.whole = whole;
    this.scores = plan == null ? null : plan.newScores();
  }

  /** Begins to score a pair that has one part. */
  public static PairScoring of(EncodedPair encoded) {
    return new PairScoring(
        null, null, List.of(new EncodedChunk(null, encoded)).iterator(), () -> false, null);
  }

  /** Returns whether a part can be scored now. */
  public boolean hasNext() {
    EvidenceSearch current = currentSearch();
    return current == null ? chunks.hasNext() : current.hasNext();
  }

  /**
   * Tokenizes the next part.
   *
   * @throws NoSuchElementException if there is none now
   * @throws IllegalStateException if the model is closed
   */
  public Part next() {
    EvidenceSearch current = currentSearch();
    if (current != null) {
      int sentence = current.nextIndex();
      return new Part(null, sentence, plan.encode(current.next()));
    }
    EncodedChunk chunk = chunks.next();
    boolean last = !chunks.hasNext();
    boolean left = last && textLeft.getAsBoolean();
    synchronized (this) {
      open += last ? 0 : 1;
      unread = left;
    }
    return new Part(chunk.chunk(), -1, chunk.pair());
  }

  private synchronized EvidenceSearch currentSearch() {
    return search;
  }

  private synchronized Progress scored(Part part, Score score) {
    if (search != null) {
      search.add(part.sentence, score);
      return search.isOpen() ? Progress.WAITING : finish(search.result());
    }
    if (plan == null) {
      result = score;
      return Progress.DONE;
    }
    scores.add(part.chunk, score);
    open--;
    if (open > 0) {
      return Progress.WAITING;
    }
    result = scores.result(unread);
    if (!plan.wantsEvidence() || !result.isFinite()) {
      return Progress.DONE;
    }
    Chunk best = result.bestChunk();
    Span searched = best == null ? whole : new Span(best.start(), best.end());
    search =
        new EvidenceSearch(
            pair, plan.divided(), searched, result.label(), plan.labelIndex(result.label()));
    return search.isOpen() ? Progress.MORE : finish(search.result());
  }

  private Progress finish(Span evidence) {
    result =
        new Score(
            result.score(),
            result.label(),
            result.scores(),
            result.logits(),
            result.truncated(),
            result.bestChunk(),
            result.bestChunks(),
            evidence);
    return Progress.DONE;
  }

  /** Returns the score of the pair after {@link Progress#DONE}. */
  public synchronized Score result() {
    if (result == null) {
      throw new IllegalStateException("The pair is not scored yet");
    }
    return result;
  }
}
