package dev.crossencoder.operator;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The scores of the pairs that one loaded model has scored, and the pairs that it is scoring. A
 * pair whose texts are those of an earlier one gets the score of that pair; a pair whose texts are
 * those of a pair in flight gets its score when it is there. A score does not depend on the other
 * pairs of its batch beyond rounding, so a cached one is right.
 *
 * <p>Failures are not cached. If a pair in flight fails, those that wait for its score are scored
 * on their own. If its record is done without it (abandoned, or failed by another pair), the first
 * one that waits takes its place.
 *
 * <p>A pair is identified by the first 128 bits of the SHA-256 of both texts and their lengths, not
 * by the texts, which would take several times the memory. Two of 10^9 pairs have the same key with
 * a probability of about 10^-21, and texts that are made for it take about 2^64 attempts.
 *
 * <p>Thread-safe.
 */
final class ScoreCache {
  /** An estimate of the bytes of an entry of a model with one label. */
  private static final int ENTRY_BYTES = 230;

  private static final int LABEL_BYTES = 120;
  private static final int CHUNK_BYTES = 40;

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
    byte[] text = pair.text().getBytes(StandardCharsets.UTF_8);
    byte[] textPair = pair.textPair().getBytes(StandardCharsets.UTF_8);
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Cannot find SHA-256, which every JDK has", e);
    }
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
          flight.followers.add(pair);
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
    pair.metrics().cacheMiss();
    pair.lead(flight);
    return true;
  }

  /** The number of entries, as estimated while entries are being removed. */
  long size() {
    return scores.estimatedSize();
  }

  /** A pair that is being scored, and those that wait for its score. */
  private final class PairFlight implements Flight {
    private final Key key;

    /** Guarded by the flights, like whether there will be further ones. */
    private final Deque<PendingPair> followers = new ArrayDeque<>();

    private boolean ended;

    private PairFlight(Key key) {
      this.key = key;
    }

    /** Stores the score and gives it to the pairs that wait. */
    @Override
    public void scored(Score score) {
      List<PendingPair> waiting = end(score);
      waiting.forEach(pair -> pair.answer(score));
    }

    /** Scores the pairs that wait on their own, because the pair has failed. */
    @Override
    public void failed() {
      for (PendingPair pair : end(null)) {
        pair.scoreAlone();
        scorer.accept(pair);
      }
    }

    private List<PendingPair> end(Score score) {
      synchronized (flights) {
        if (ended) {
          return List.of();
        }
        ended = true;
        flights.remove(key);
        if (score != null) {
          scores.put(key, score);
        }
        List<PendingPair> waiting = new ArrayList<>(followers);
        followers.clear();
        return waiting;
      }
    }

    /** Lets the first pair that waits take the place of the pair, whose record is done. */
    @Override
    public void abandoned() {
      PendingPair next = null;
      synchronized (flights) {
        if (ended) {
          return;
        }
        while (next == null && !followers.isEmpty()) {
          PendingPair first = followers.remove();
          next = first.isDone() ? null : first;
        }
        if (next == null) {
          ended = true;
          flights.remove(key);
          return;
        }
      }
      next.lead(this);
      scorer.accept(next);
    }
  }
}
