package dev.crossencoder.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.model.InvalidModelException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.BitSet;
import java.util.Deque;

/**
 * The {@code precompiled_charsmap} of a SentencePiece model: the strings that the normalizer
 * replaces, and their replacements. Its format is the length of a trie in bytes, the trie (a double
 * array of 32-bit units), and the replacements, each terminated by a zero byte. Immutable.
 *
 * <p>Source: {@code DecodePrecompiledCharsMap} in {@code normalizer.cc} of google/sentencepiece,
 * and {@code darts.h} of s-yata/darts-clone for the units.
 */
public final class CharacterMap {
  private static final int LABELS = 256;
  private static final int LEAF = 1 << 31;
  private static final int HAS_LEAF = 1 << 8;
  private static final int LABEL_MASK = LEAF | 0xFF;

  private final String source;
  private final int[] units;
  private final byte[] replacements;

  private CharacterMap(String source, int[] units, byte[] replacements) {
    this.source = source;
    this.units = units;
    this.replacements = replacements;
  }

  /**
   * Parses a map and checks that no lookup can leave the trie or the replacements. The native
   * library does not check this, and a damaged map would crash the process.
   *
   * @param source the name of the map's file in error messages
   * @throws InvalidModelException if the map is damaged
   */
  public static CharacterMap parse(byte[] map, String source) {
    ByteBuffer buffer = ByteBuffer.wrap(map).order(ByteOrder.LITTLE_ENDIAN);
    long trieBytes = map.length < Integer.BYTES ? -1 : Integer.toUnsignedLong(buffer.getInt());
    if (trieBytes <= 0 || trieBytes % Integer.BYTES != 0 || trieBytes > buffer.remaining()) {
      throw new InvalidModelException(
          "Cannot use %s, its precompiled_charsmap is damaged: it has %d bytes and a trie of %d."
              .formatted(source, map.length, trieBytes));
    }
    int[] units = new int[(int) trieBytes / Integer.BYTES];
    buffer.asIntBuffer().get(units);
    buffer.position(Integer.BYTES + (int) trieBytes);
    byte[] replacements = new byte[buffer.remaining()];
    buffer.get(replacements);
    CharacterMap parsed = new CharacterMap(source, units, replacements);
    parsed.check();
    return parsed;
  }

  /**
   * Checks all maps in the normalizer of a tokenizer, as {@link #parse} does.
   *
   * @param tokenizer the content of {@code tokenizer.json}
   * @param source the name of the file in error messages
   * @throws InvalidModelException if a map is damaged
   */
  public static void checkAll(JsonNode tokenizer, String source) {
    for (JsonNode map : tokenizer.path("normalizer").findValues("precompiled_charsmap")) {
      parse(decode(map.asText(), source), source);
    }
  }

  private static byte[] decode(String map, String source) {
    try {
      return Base64.getDecoder().decode(map);
    } catch (IllegalArgumentException e) {
      throw new InvalidModelException(
          "Cannot use %s, its precompiled_charsmap is not Base64.".formatted(source), e);
    }
  }

  private void check() {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(replacements));
    } catch (CharacterCodingException e) {
      throw damaged("its replacements are not UTF-8");
    }
    BitSet seen = new BitSet(units.length);
    Deque<Integer> open = new ArrayDeque<>();
    open.push(offset(units[0]));
    while (!open.isEmpty()) {
      int base = open.pop();
      if ((base | (LABELS - 1)) >= units.length) {
        throw damaged("its trie leads to unit %d of %d".formatted(base, units.length));
      }
      if (seen.get(base)) {
        continue;
      }
      seen.set(base);
      for (int label = 1; label < LABELS; label++) {
        int unit = units[base ^ label];
        if ((unit & LABEL_MASK) == label) {
          int next = base ^ label ^ offset(unit);
          open.push(next);
          if ((unit & HAS_LEAF) != 0) {
            checkLeaf(next);
          }
        }
      }
    }
  }

  private void checkLeaf(int position) {
    int start = position < units.length ? units[position] & ~LEAF : Integer.MAX_VALUE;
    boolean middleOfCharacter = start < replacements.length && (replacements[start] & 0xC0) == 0x80;
    if (start > replacements.length || middleOfCharacter) {
      throw damaged(
          "it has a replacement at offset %d of %d bytes".formatted(start, replacements.length));
    }
  }

  private InvalidModelException damaged(String reason) {
    return new InvalidModelException(
        "Cannot use %s, its precompiled_charsmap is damaged: %s.".formatted(source, reason));
  }

  /**
   * Returns whether the normalizer keeps a character that is a grapheme cluster of its own.
   *
   * @param c not a surrogate
   */
  public boolean keeps(char c) {
    int base = offset(units[0]);
    for (byte b : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
      int label = b & 0xFF;
      int unit = units[base ^ label];
      if (label == 0 || (unit & LABEL_MASK) != label) {
        return true;
      }
      if ((unit & HAS_LEAF) != 0) {
        return false;
      }
      base ^= label ^ offset(unit);
    }
    return true;
  }

  private static int offset(int unit) {
    return (unit >>> 10) << ((unit & (1 << 9)) >>> 6);
  }
}
