package dev.crossencoder.model.tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Two tries with the pieces of a WordPiece vocabulary: one for pieces that start a word, one for
 * pieces that continue a word. Immutable.
 *
 * <p>The edges of both tries are in one hash table with open addressing. Tokenization spends most
 * of its time in lookups; a lookup allocates nothing and reads two arrays.
 */
final class PieceTrie {
  /** The root of the trie of all pieces. */
  static final int START = 0;

  /** The root of the trie of pieces that continue a word, without their prefix ({@code ##}). */
  static final int CONTINUATION = 1;

  /** Stands for a missing node and for a missing id. */
  static final int NONE = -1;

  /** The multiplier of the hash function, which spreads the keys of neighbouring nodes. */
  private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

  private final long[] keys;
  private final int[] targets;
  private final int[] ids;
  private final int shift;

  private PieceTrie(Map<Long, Integer> edges, int[] ids) {
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(2 * edges.size() + 1);
    this.ids = ids;
    this.shift = Long.SIZE - bits;
    this.keys = new long[1 << bits];
    this.targets = new int[1 << bits];
    Arrays.fill(keys, NONE);
    edges.forEach(
        (key, target) -> {
          int slot = slot(key);
          keys[slot] = key;
          targets[slot] = target;
        });
  }

  /**
   * Builds the tries.
   *
   * @param vocabulary the id of each piece
   * @param continuingPrefix the prefix of pieces that continue a word, {@code ##} for BERT
   */
  static PieceTrie of(Map<String, Integer> vocabulary, String continuingPrefix) {
    Map<Long, Integer> edges = new HashMap<>();
    List<Integer> ids = new ArrayList<>(List.of(NONE, NONE));
    vocabulary.forEach(
        (piece, id) -> {
          add(edges, ids, START, piece, id);
          if (piece.startsWith(continuingPrefix)) {
            add(edges, ids, CONTINUATION, piece.substring(continuingPrefix.length()), id);
          }
        });
    return new PieceTrie(edges, ids.stream().mapToInt(Integer::intValue).toArray());
  }

  private static void add(
      Map<Long, Integer> edges, List<Integer> ids, int root, String piece, int id) {
    int node = root;
    for (int i = 0; i < piece.length(); i++) {
      Integer next = edges.putIfAbsent(key(node, piece.charAt(i)), ids.size());
      if (next == null) {
        next = ids.size();
        ids.add(NONE);
      }
      node = next;
    }
    if (!piece.isEmpty()) {
      ids.set(node, id);
    }
  }

  /**
   * Follows an edge.
   *
   * @return the child node, or {@link #NONE}
   */
  int child(int node, char c) {
    int slot = slot(key(node, c));
    return keys[slot] == NONE ? NONE : targets[slot];
  }

  /** Returns the id of the piece that ends at a node, or {@link #NONE}. */
  int id(int node) {
    return ids[node];
  }

  private static long key(int node, char c) {
    return ((long) node << Character.SIZE) | c;
  }

  /** The slot of a key, or the free slot where the key would be inserted. */
  private int slot(long key) {
    int slot = (int) ((key * GOLDEN_RATIO) >>> shift);
    while (keys[slot] != key && keys[slot] != NONE) {
      slot = (slot + 1) & (keys.length - 1);
    }
    return slot;
  }
}
