package dev.crossencoder.operator;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.io.Digests;
import dev.crossencoder.model.io.UnicodeText;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The scores of the pairs that one loaded model has scored, and the pairs that it is scoring. A
 * pair whose texts are those of an earlier one gets the score of that pair; a pair whose texts are
 * those of a pair in flight gets its score when it is there. A score does not depend on the other
 * pairs of its batch beyond rounding, so a cached one is right.
 *
 * <p>Failures are not cached. If a pair in flight fails, those that wait for its score are scored
 * on their own, without the cache. If its record is done without it (abandoned, or failed by
 * another pair), the first one that waits takes its place.
 *
 * <p>A pair is identified by the first 128 bits of the SHA-256 of both texts and their lengths, not
 * by the texts, which would take several times the memory. Two of 10^9 pairs have the same key with
 * a probability of about 10^-21, and texts that are made for it take about 2^64 attempts.
 *
 * <p>Thread-safe.
 */
final class ScoreCache {
  /** An estimate of the bytes of an entry of a model with one label. */
  private static final int ENTRY_BYTES = 200;

  private static final int LABEL_BYTES = 105;
  private static final int CHUNK_BYTES = 40;
  private static final int MIN_PRUNED = 32;

  private final Cache<Key, Score> scores;

  /** The pairs that are being scored, by their keys. Guarded by itself. */
  private final Map<Key, PairFlight> flights = new HashMap<>();

  /** Scores a pair that waited for another one. */
  private final Consumer<PendingPair> scorer;

  /** The identity of a pair. */
  private record Key(long high, long low) {}

  /**
   * Creates a cache.
   *
   * @param maxBytes the largest size of all entries together, as estimated; positive
   * @param scorer tokenizes and scores a pair that waited for another one
   */
  ScoreCache(long maxBytes, Consumer<PendingPair> scorer) {
    this.scorer = scorer;
    this.scores =
        Caffeine.newBuilder()
            .maximumWeight(maxBytes)
            .weigher((Key key, Score score) -> bytes(score))
            // The common pool's threads would outlive the job and pin its class loader.
            .executor(Runnable::run)
            .build();
  }

  private static int bytes(Score score) {
    int labels = score.scores().size();
    int chunks = score.bestChunks().size() + (score.bestChunk() == null ? 0 : 1);
    return ENTRY_BYTES
        + LABEL_BYTES * labels
        + CHUNK_BYTES * (chunks + (score.evidence() == null ? 0 : 1));
  }

  private static Key keyOf(TextPair pair) {
    // As the tokenizer reads them: otherwise a lone surrogate would be a question mark.
    byte[] text = UnicodeText.wellFormed(pair.text()).getBytes(StandardCharsets.UTF_8);
    byte[] textPair = UnicodeText.wellFormed(pair.textPair()).getBytes(StandardCharsets.UTF_8);
    MessageDigest digest = Digests.sha256();
    digest.update(
        ByteBuffer.allocate(Long.BYTES).putInt(text.length).putInt(textPair.length).flip());
    digest.update(text);
    digest.update(textPair);
    ByteBuffer bytes = ByteBuffer.wrap(digest.digest());
    return new Key(bytes.getLong(), bytes.getLong());
  }

  /**
   * Asks for the score of a pair before it is tokenized.
   *
   * @return whether the pair must be scored. Otherwise it has its score, or will get it
   */
  boolean claim(PendingPair pair) {
    Key key = keyOf(pair.text());
    Score score;
    PairFlight flight;
    synchronized (flights) {
      score = scores.getIfPresent(key);
      if (score == null) {
        flight = flights.get(key);
        if (flight != null) {
          flight.follow(pair);
          pair.metrics().cacheHit();
          return false;
        }
        flight = new PairFlight(key);
        flights.put(key, flight);
      } else {
        flight = null;
      }
    }
    if (flight == null) {
      pair.metrics().cacheHit();
      pair.answer(score);
      return false;
    }
    try {
      pair.metrics().cacheMiss();
      pair.lead(flight);
    } catch (Throwable t) {
      // Nobody would end the flight, and later pairs would wait for it.
      flight.failed();
      throw t;
    }
    return true;
  }

  /** The number of entries, as estimated while entries are being removed. */
  long size() {
    return scores.estimatedSize();
  }

  /** A pair that is being scored, and those that wait for its score. */
  private final class PairFlight implements Flight {
    private final Key key;

    /** Null until the first one waits. Guarded by the flights; not changed once it has ended. */
    private Deque<PendingPair> followers;

    /** The number of followers at which those whose records are done are removed. */
    private int pruneAt = MIN_PRUNED;

    private boolean ended;

    private PairFlight(Key key) {
      this.key = key;
    }

    /** Adds a pair that waits. The lock of the flights is held. */
    private void follow(PendingPair pair) {
      if (followers == null) {
        followers = new ArrayDeque<>();
      } else if (followers.size() >= pruneAt) {
        followers.removeIf(PendingPair::isDone);
        pruneAt = Math.max(MIN_PRUNED, 2 * followers.size());
      }
      followers.add(pair);
    }

    @Override
    public void scored(Score score) {
      if (end()) {
        forEachFollower(pair -> pair.answer(score));
        scores.put(key, score);
      }
    }

    @Override
    public void failed() {
      if (end()) {
        forEachFollower(
            pair -> {
              pair.scoreAlone();
              scorer.accept(pair);
            });
      }
    }

    /** Ends the flight. Returns false if it has ended before. Allocates no memory. */
    private boolean end() {
      synchronized (flights) {
        if (ended) {
          return false;
        }
        ended = true;
        flights.remove(key);
        return true;
      }
    }

    /** A pair that cannot be given its outcome must not keep the others from theirs. */
    private void forEachFollower(Consumer<PendingPair> action) {
      if (followers == null) {
        return;
      }
      for (PendingPair pair : followers) {
        try {
          action.accept(pair);
        } catch (Throwable t) {
          pair.record().error(t);
        }
      }
    }

    @Override
    public void abandoned() {
      PendingPair next = null;
      synchronized (flights) {
        if (ended) {
          return;
        }
        while (next == null && followers != null && !followers.isEmpty()) {
          PendingPair first = followers.remove();
          next = first.isDone() ? null : first;
        }
        if (next == null) {
          ended = true;
          flights.remove(key);
          return;
        }
      }
      try {
        next.lead(this);
        scorer.accept(next);
      } catch (Throwable t) {
        next.record().error(t);
        failed();
      }
    }
  }
}
