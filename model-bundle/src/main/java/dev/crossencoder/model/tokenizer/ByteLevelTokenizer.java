package dev.crossencoder.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.model.tokenizer.ByteLevelCharacters.Kind;
import java.util.Optional;

/**
 * Byte-level BPE (RoBERTa, BART, DeBERTa v1) in Java, for texts of the characters that {@link
 * ByteLevelCharacters} knows. It is several times faster than the native tokenizer, which always
 * computes offsets too. All other text goes to the native tokenizer. Both give the same ids.
 *
 * <p>A text is divided before white space that follows another character: no match of the regular
 * expression and no added token crosses such a position. A part of known characters contains no
 * added token if it contains none of their first characters. Neighbouring parts with other
 * characters go to the native tokenizer together.
 *
 * <p>The tokens of frequent words are cached. Thread-safe.
 *
 * <p>Source: {@code ByteLevel} of huggingface/tokenizers. Its regular expression is {@code
 * 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+}.
 */
final class ByteLevelTokenizer implements TextIds {
  private static final String[] CONTRACTIONS = {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"};

  /** Longer parts go to the native tokenizer, whose time does not grow with the square. */
  private static final int MAX_PART = 200;

  private static final int CACHED_WORD = 32;
  private static final int CACHE = 1 << 15;

  private final TextIds fallback;
  private final BytePairMerges merges;
  private final ByteLevelCharacters characters;

  /** A word may be in one slot only. Races are benign: entries are immutable. */
  private final Entry[] cache = new Entry[CACHE];

  private record Entry(String word, int[] ids) {}

  private ByteLevelTokenizer(
      TextIds fallback, BytePairMerges merges, ByteLevelCharacters characters) {
    this.fallback = fallback;
    this.merges = merges;
    this.characters = characters;
  }

  /**
   * Creates the tokenizer of a {@code tokenizer.json}.
   *
   * @param tokenizer the content of {@code tokenizer.json}
   * @param fallback tokenizes any text with the same tokenizer
   * @return empty if it is not byte-level BPE as this class knows it
   */
  static Optional<TextIds> of(JsonNode tokenizer, TextIds fallback) {
    JsonNode model = tokenizer.path("model");
    boolean known =
        ByteLevelPrefixCut.of(tokenizer).isPresent()
            && !tokenizer.path("pre_tokenizer").path("add_prefix_space").asBoolean(true)
            && model.path("type").asText("BPE").equals("BPE")
            && isAbsent(model, "dropout")
            && isAbsent(model, "unk_token")
            && model.path("continuing_subword_prefix").asText("").isEmpty()
            && model.path("end_of_word_suffix").asText("").isEmpty()
            && !model.path("byte_fallback").asBoolean()
            && !model.path("ignore_merges").asBoolean();
    for (JsonNode token : tokenizer.path("added_tokens")) {
      // A token that takes the white space behind it would change the next part.
      known &=
          CharacterClasses.isPrintableAscii(token.path("content").asText())
              && !token.path("rstrip").asBoolean();
    }
    if (!known) {
      return Optional.empty();
    }
    boolean composes = tokenizer.path("normalizer").path("type").asText().equals("NFC");
    return BytePairMerges.of(model)
        .map(
            merges ->
                new ByteLevelTokenizer(
                    fallback, merges, ByteLevelCharacters.of(tokenizer, composes)));
  }

  private static boolean isAbsent(JsonNode model, String key) {
    return model.path(key).isNull() || model.path(key).isMissingNode();
  }

  @Override
  public int[] ids(String text) {
    Ids ids = new Ids(8 + text.length() / 3);
    int start = 0;
    while (start < text.length()) {
      int end = endOfPart(text, start);
      if (isKnown(text, start, end)) {
        addPart(text, start, end, ids);
      } else {
        end = endOfOtherParts(text, end);
        ids.addAll(fallback.ids(text.substring(start, end)));
      }
      start = end;
    }
    return ids.toArray();
  }

  /** The end of the last of the neighbouring parts that are not known. */
  private int endOfOtherParts(String text, int start) {
    int end = start;
    while (end < text.length()) {
      int next = endOfPart(text, end);
      if (isKnown(text, end, next)) {
        return end;
      }
      end = next;
    }
    return end;
  }

  private Kind kind(String text, int index) {
    return characters.kind(text.charAt(index));
  }

  /** The end of the white space that may be here and of the characters behind it. */
  private int endOfPart(String text, int start) {
    int end = start;
    while (end < text.length() && characters.isWhitespace(text.charAt(end))) {
      end++;
    }
    while (end < text.length() && !characters.isWhitespace(text.charAt(end))) {
      end++;
    }
    return end;
  }

  private boolean isKnown(String text, int start, int end) {
    if (end - start > MAX_PART) {
      return false;
    }
    for (int i = start; i < end; i++) {
      Kind kind = kind(text, i);
      if (kind == Kind.OTHER || kind == Kind.OTHER_WHITESPACE) {
        return false;
      }
    }
    return true;
  }

  private void addPart(String text, int start, int end, Ids ids) {
    int word = start;
    while (word < end && kind(text, word) == Kind.WHITESPACE) {
      word++;
    }
    int first = word;
    if (word == end) {
      addWord(text, start, end, ids);
      return;
    }
    if (word > start) {
      // All white space but the last character is a word; a space belongs to what follows.
      addWord(text, start, word - 1, ids);
      if (text.charAt(word - 1) == ' ') {
        first = word - 1;
      } else {
        addWord(text, word - 1, word, ids);
      }
    }
    while (word < end) {
      int next = first == word ? word + contraction(text, word, end) : word;
      if (next == word) {
        Kind kind = kind(text, word);
        while (next < end && kind(text, next) == kind) {
          next++;
        }
      }
      addWord(text, first, next, ids);
      word = next;
      first = next;
    }
  }

  /** The length of the contraction that starts here, or 0. */
  private static int contraction(String text, int start, int end) {
    if (text.charAt(start) == '\'') {
      for (String contraction : CONTRACTIONS) {
        if (start + contraction.length() <= end && text.startsWith(contraction, start)) {
          return contraction.length();
        }
      }
    }
    return 0;
  }

  private void addWord(String text, int start, int end, Ids ids) {
    int length = end - start;
    if (length == 0) {
      return;
    }
    if (length > CACHED_WORD) {
      ids.addAll(merges.ids(text.substring(start, end)));
      return;
    }
    int hash = 0;
    for (int i = start; i < end; i++) {
      hash = 31 * hash + text.charAt(i);
    }
    int slot = (hash ^ (hash >>> 15)) & (CACHE - 1);
    Entry entry = cache[slot];
    if (entry == null || entry.word.length() != length || !text.startsWith(entry.word, start)) {
      String word = text.substring(start, end);
      entry = new Entry(word, merges.ids(word));
      cache[slot] = entry;
    }
    ids.addAll(entry.ids);
  }
}
