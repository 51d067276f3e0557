package dev.crossencoder.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The merges of a byte-level BPE vocabulary: the tokens of a word are its bytes, of which the pair
 * with the lowest rank is merged, the first of several, until no pair has a rank. Immutable.
 *
 * <p>Source: {@code models/bpe} and {@code byte_level.rs} of huggingface/tokenizers.
 */
final class BytePairMerges {
  private static final int BYTES = 256;
  private static final long NONE = -1;
  private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

  /** The id of the token of each byte. */
  private final int[] byteIds;

  /** A hash table with open addressing: two ids, and the rank and the id of their merge. */
  private final long[] pairs;

  private final int[] ranks;
  private final int[] merged;
  private final int shift;

  private BytePairMerges(int[] byteIds, Map<Long, int[]> merges) {
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(2 * merges.size() + 1);
    this.byteIds = byteIds;
    this.shift = Long.SIZE - bits;
    this.pairs = new long[1 << bits];
    this.ranks = new int[1 << bits];
    this.merged = new int[1 << bits];
    Arrays.fill(pairs, NONE);
    merges.forEach(
        (pair, merge) -> {
          int slot = slot(pair);
          pairs[slot] = pair;
          ranks[slot] = merge[0];
          merged[slot] = merge[1];
        });
  }

  /**
   * Reads a model.
   *
   * @param model the member {@code model} of {@code tokenizer.json}
   * @return empty if it is not a BPE model with a token for each byte, whose merges have tokens
   */
  static Optional<BytePairMerges> of(JsonNode model) {
    JsonNode vocabulary = model.path("vocab");
    int[] byteIds = new int[BYTES];
    String characters = byteCharacters();
    for (int b = 0; b < BYTES; b++) {
      JsonNode id = vocabulary.path(characters.substring(b, b + 1));
      if (!id.isInt()) {
        return Optional.empty();
      }
      byteIds[b] = id.intValue();
    }
    Map<Long, int[]> merges = new HashMap<>();
    int rank = 0;
    for (JsonNode merge : model.path("merges")) {
      String left;
      String right;
      if (merge.isArray() && merge.size() == 2) {
        left = merge.path(0).asText();
        right = merge.path(1).asText();
      } else {
        int space = merge.asText().indexOf(' ');
        if (space < 0) {
          return Optional.empty();
        }
        left = merge.asText().substring(0, space);
        right = merge.asText().substring(space + 1);
      }
      JsonNode leftId = vocabulary.path(left);
      JsonNode rightId = vocabulary.path(right);
      JsonNode id = vocabulary.path(left + right);
      if (!leftId.isInt() || !rightId.isInt() || !id.isInt()) {
        return Optional.empty();
      }
      merges.put(pair(leftId.intValue(), rightId.intValue()), new int[] {rank, id.intValue()});
      rank++;
    }
    return Optional.of(new BytePairMerges(byteIds, merges));
  }

  /** The characters that stand for bytes: printable ones for themselves, others from U+0100 on. */
  private static String byteCharacters() {
    StringBuilder characters = new StringBuilder();
    char next = BYTES;
    for (int b = 0; b < BYTES; b++) {
      boolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
      characters.append(printable ? (char) b : next++);
    }
    return characters.toString();
  }

  private static long pair(int left, int right) {
    return ((long) left << Integer.SIZE) | right;
  }

  /** The slot of a pair, or the free slot where it would be inserted. */
  private int slot(long pair) {
    int slot = (int) ((pair * GOLDEN_RATIO) >>> shift);
    while (pairs[slot] != pair && pairs[slot] != NONE) {
      slot = (slot + 1) & (pairs.length - 1);
    }
    return slot;
  }

  /**
   * Returns the ids of a word's tokens. The time grows with the square of its length.
   *
   * @param word well-formed text
   */
  int[] ids(String word) {
    byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
    int[] ids = new int[bytes.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = byteIds[bytes[i] & 0xFF];
    }
    int size = ids.length;
    while (size > 1) {
      int best = -1;
      int bestSlot = 0;
      for (int i = 0; i + 1 < size; i++) {
        int slot = slot(pair(ids[i], ids[i + 1]));
        if (pairs[slot] != NONE && (best < 0 || ranks[slot] < ranks[bestSlot])) {
          best = i;
          bestSlot = slot;
        }
      }
      if (best < 0) {
        break;
      }
      ids[best] = merged[bestSlot];
      System.arraycopy(ids, best + 2, ids, best + 1, size - best - 2);
      size--;
    }
    return Arrays.copyOf(ids, size);
  }
}
