package dev.crossencoder.model.tokenizer;

import dev.crossencoder.model.InvalidModelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The pieces of a WordPiece vocabulary that consist of ASCII, by their characters: those that start
 * a word, and those that continue one. Immutable.
 *
 * <p>The edges of both tries are in one hash table with open addressing, because a walk is what
 * tokenizing spends its time on: it allocates nothing and reads two arrays.
 */
final class PieceTrie {
  /** The node of which all pieces that start a word are below. */
  static final int START = 0;

  /** The node of which all pieces that continue a word are below, without their prefix. */
  static final int CONTINUATION = 1;

  /** No node, and no id. */
  static final int NONE = -1;

  private static final int BITS_PER_CHARACTER = 7;
  private static final int ASCII = 1 << BITS_PER_CHARACTER;
  private static final int MAX_NODES = 1 << (Integer.SIZE - 1 - BITS_PER_CHARACTER);

  /** Multiplies keys, so that those of one node do not end up beside those of the next. */
  private static final int GOLDEN_RATIO = 0x9E3779B9;

  private final int[] keys;
  private final int[] targets;
  private final int[] ids;
  private final int shift;

  private PieceTrie(Map<Integer, Integer> edges, int[] ids) {
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(2 * edges.size() + 1);
    this.ids = ids;
    this.shift = Integer.SIZE - bits;
    this.keys = new int[1 << bits];
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
   * @param vocabulary ids by piece; what is not ASCII is left out
   * @param continuingPrefix what a piece that continues a word begins with
   */
  static PieceTrie of(Map<String, Integer> vocabulary, String continuingPrefix) {
    Map<Integer, Integer> edges = new HashMap<>();
    List<Integer> ids = new ArrayList<>(List.of(NONE, NONE));
    vocabulary.forEach(
        (piece, id) -> {
          if (piece.chars().allMatch(c -> c < ASCII)) {
            add(edges, ids, START, piece, id);
            if (piece.startsWith(continuingPrefix)) {
              add(edges, ids, CONTINUATION, piece.substring(continuingPrefix.length()), id);
            }
          }
        });
    return new PieceTrie(edges, ids.stream().mapToInt(Integer::intValue).toArray());
  }

  private static void add(
      Map<Integer, Integer> edges, List<Integer> ids, int root, String piece, int id) {
    int node = root;
    for (int i = 0; i < piece.length(); i++) {
      Integer next = edges.putIfAbsent(key(node, piece.charAt(i)), ids.size());
      if (next == null) {
        next = ids.size();
        ids.add(NONE);
        checkSize(next);
      }
      node = next;
    }
    if (!piece.isEmpty()) {
      ids.set(node, id);
    }
  }

  private static void checkSize(int nodes) {
    if (nodes >= MAX_NODES) {
      throw new InvalidModelException(
          "Cannot use a vocabulary whose pieces have more than %d different beginnings."
              .formatted(MAX_NODES));
    }
  }

  /**
   * Follows an edge.
   *
   * @param c a character of ASCII
   * @return the node that it leads to, or {@link #NONE}
   */
  int child(int node, char c) {
    int slot = slot(key(node, c));
    return keys[slot] == NONE ? NONE : targets[slot];
  }

  /** Returns the id of the piece that ends at a node, or {@link #NONE}. */
  int id(int node) {
    return ids[node];
  }

  private static int key(int node, char c) {
    return (node << BITS_PER_CHARACTER) | c;
  }

  /** Where a key is, or the free place where it would be. */
  private int slot(int key) {
    int slot = (key * GOLDEN_RATIO) >>> shift;
    while (keys[slot] != key && keys[slot] != NONE) {
      slot = (slot + 1) & (keys.length - 1);
    }
    return slot;
  }
}
