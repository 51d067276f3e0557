package dev.crossencoder.model.scoring;

import dev.crossencoder.model.Chunk;
import dev.crossencoder.model.ChunkScore;
import dev.crossencoder.model.Chunking;
import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.Evidence;
import dev.crossencoder.model.PairTooLongException;
import dev.crossencoder.model.ScoreFunction;
import dev.crossencoder.model.Span;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.tokenizer.PairChunks;
import dev.crossencoder.model.tokenizer.PairChunks.EncodedChunk;
import dev.crossencoder.model.tokenizer.PairEncoder;
import dev.crossencoder.model.tokenizer.PairText;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * How the pairs of a model are scored: whether a text is divided into chunks, and whether evidence
 * is looked for. Immutable.
 */
final class ScoringPlan {
  private final Guard guard;
  private final PairEncoder encoder;
  private final List<String> labels;
  private final ScoreFunction function;
  private final CrossEncoderOptions options;

  /** Runs an action while the model is open. */
  interface Guard {
    <T> T run(Supplier<T> action);
  }

  /**
   * Creates a plan.
   *
   * @throws IllegalArgumentException if the options do not fit the number of labels or the maximum
   *     length
   */
  ScoringPlan(
      Guard guard,
      PairEncoder encoder,
      List<String> labels,
      ScoreFunction function,
      CrossEncoderOptions options) {
    this.guard = guard;
    this.encoder = encoder;
    this.labels = labels;
    this.function = function;
    this.options = options;
  }

  /**
   * Checks that a model can be scored by options.
   *
   * @throws IllegalArgumentException if it cannot
   */
  static void check(CrossEncoderOptions options, String model, int labels, int maxLength) {
    options
        .chunking()
        .ifPresent(
            chunking -> {
              if (chunking.score() == ChunkScore.MEAN_TOP_3 && labels != 1) {
                throw new IllegalArgumentException(
                    "Invalid chunk score: mean-top-3. It takes a model with one label, and %s has %d. Choose max or first."
                        .formatted(model, labels));
              }
              if (chunking.tokens().orElse(0) > maxLength) {
                throw new IllegalArgumentException(
                    "Invalid chunk tokens: %d. A pair has at most %d tokens with the model %s; leave it out for what fits beside the query."
                        .formatted(chunking.tokens().getAsInt(), maxLength, model));
              }
            });
  }

  /** Whether every pair has one part: the pair itself. */
  boolean isSimple() {
    return options.chunking().isEmpty() && options.evidence() == Evidence.NONE;
  }

  /**
   * Begins to score a pair.
   *
   * @throws PairTooLongException if the truncation may not shorten the text that is too long
   */
  PairScoring begin(TextPair pair) {
    if (isSimple()) {
      return PairScoring.of(encode(pair));
    }
    return guard.run(
        () -> {
          if (options.chunking().isPresent()) {
            Chunking chunking = options.chunking().get();
            PairChunks chunks = encoder.chunks(pair, divided(), onlyScored(chunking));
            return new PairScoring(this, pair, guarded(chunks), chunks::textLeft, wholeText(pair));
          }
          EncodedPair encoded = encoder.encode(pair);
          Iterator<EncodedChunk> whole = List.of(new EncodedChunk(null, encoded)).iterator();
          Span read = encoded.truncated() ? readPart(pair) : wholeText(pair);
          return new PairScoring(this, pair, whole, () -> false, read);
        });
  }

  private static Chunking onlyScored(Chunking chunking) {
    return chunking.score() == ChunkScore.FIRST
        ? new Chunking(chunking.tokens(), chunking.overlap(), OptionalInt.of(1), ChunkScore.FIRST)
        : chunking;
  }

  private Iterator<EncodedChunk> guarded(PairChunks chunks) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return guard.run(chunks::hasNext);
      }

      @Override
      public EncodedChunk next() {
        return guard.run(chunks::next);
      }
    };
  }

  /**
   * Returns the part of a truncated text that the model reads, to the end of a sentence or word;
   * the whole text if it reads the end of it, or next to nothing.
   */
  private Span readPart(TextPair pair) {
    if (encoder.readsEnd()) {
      return wholeText(pair);
    }
    try {
      Chunk chunk = encoder.chunks(pair, divided(), Chunking.DEFAULT).next().chunk();
      return chunk == null ? wholeText(pair) : new Span(chunk.start(), chunk.end());
    } catch (PairTooLongException e) {
      return wholeText(pair);
    }
  }

  private Span wholeText(TextPair pair) {
    return new Span(0, (divided() == PairText.FIRST ? pair.text() : pair.textPair()).length());
  }

  EncodedPair encode(TextPair pair) {
    return guard.run(() -> encoder.encode(pair));
  }

  /** The text that is divided: the passage of a relevance model, the premise of others. */
  PairText divided() {
    return labels.size() == 1 ? PairText.SECOND : PairText.FIRST;
  }

  boolean wantsEvidence() {
    return options.evidence() == Evidence.SENTENCE;
  }

  ChunkScores newScores() {
    return new ChunkScores(
        options.chunking().map(Chunking::score).orElse(ChunkScore.MAX), labels, function);
  }

  /** Returns the index of the logit of a predicted label, which is null for a model with one. */
  int labelIndex(String label) {
    return label == null ? 0 : labels.indexOf(label);
  }
}
