package dev.crossencoder.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.model.tokenizer.BertCharacters.Kind;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * BERT's tokenizer in Java, for texts of the characters that {@link BertCharacters} knows. It is
 * about ten times faster than the native tokenizer, which always computes offsets too. All other
 * text goes to the native tokenizer. Both give the same ids.
 *
 * <p>White space separates words in every stage of BERT's tokenizer, so the text is tokenized chunk
 * by chunk; a chunk is a run of characters without white space. A chunk of known characters
 * contains no added token if it contains none of their first characters. Neighbouring chunks with
 * other characters go to the native tokenizer together.
 *
 * <p>Source: {@code BertNormalizer}, {@code BertPreTokenizer} and {@code WordPiece} of
 * huggingface/tokenizers.
 */
final class WordPieceTokenizer implements TextIds {
  private final TextIds fallback;
  private final PieceTrie pieces;
  private final int unknownId;
  private final int maxWordChars;
  private final BertCharacters characters;

  private WordPieceTokenizer(
      TextIds fallback,
      PieceTrie pieces,
      int unknownId,
      int maxWordChars,
      BertCharacters characters) {
    this.fallback = fallback;
    this.pieces = pieces;
    this.unknownId = unknownId;
    this.maxWordChars = maxWordChars;
    this.characters = characters;
  }

  /**
   * Creates the tokenizer of a {@code tokenizer.json}.
   *
   * @param tokenizer the content of {@code tokenizer.json}
   * @param fallback tokenizes any text with the same tokenizer
   * @return empty if it is not BERT's tokenizer
   */
  static Optional<TextIds> of(JsonNode tokenizer, TextIds fallback) {
    JsonNode model = tokenizer.path("model");
    JsonNode lowercase = tokenizer.path("normalizer").path("lowercase");
    JsonNode unknown = model.path("vocab").path(model.path("unk_token").asText());
    JsonNode prefix = model.path("continuing_subword_prefix");
    JsonNode maxWordChars = model.path("max_input_chars_per_word");
    // A text that may be cut at white space may be tokenized chunk by chunk.
    boolean known =
        BertPrefixCut.of(tokenizer).isPresent()
            && model.path("type").asText().equals("WordPiece")
            && lowercase.isBoolean()
            && unknown.isInt()
            && prefix.isTextual()
            && maxWordChars.isInt();
    if (!known) {
      return Optional.empty();
    }
    Map<String, Integer> vocabulary = new HashMap<>();
    model.path("vocab").properties().forEach(e -> vocabulary.put(e.getKey(), e.getValue().asInt()));
    return Optional.of(
        new WordPieceTokenizer(
            fallback,
            PieceTrie.of(vocabulary, prefix.textValue()),
            unknown.intValue(),
            maxWordChars.intValue(),
            BertCharacters.of(tokenizer)));
  }

  @Override
  public int[] ids(String text) {
    Ids ids = new Ids(8 + text.length() / 3);
    Word word = new Word();
    int start = 0;
    while (start < text.length()) {
      if (kind(text, start) == Kind.WHITESPACE) {
        start++;
        continue;
      }
      int end = endOfKnownChunk(text, start);
      if (end > start) {
        addKnownChunk(text, start, end, word, ids);
      } else {
        end = endOfOtherChunks(text, start);
        ids.addAll(fallback.ids(text.substring(start, end)));
      }
      start = end;
    }
    return ids.toArray();
  }

  private Kind kind(String text, int index) {
    return characters.kind(text.charAt(index));
  }

  /** The end of the chunk that starts here, or its start if it contains {@code OTHER}. */
  private int endOfKnownChunk(String text, int start) {
    for (int i = start; i < text.length(); i++) {
      Kind kind = kind(text, i);
      if (kind == Kind.WHITESPACE) {
        return i;
      }
      if (kind == Kind.OTHER) {
        return start;
      }
    }
    return text.length();
  }

  /** The end of the last of the neighbouring chunks that contain {@code OTHER}. */
  private int endOfOtherChunks(String text, int start) {
    int end = start;
    int next = start;
    while (next < text.length() && endOfKnownChunk(text, next) == next) {
      end = next;
      while (end < text.length() && kind(text, end) != Kind.WHITESPACE) {
        end++;
      }
      next = end;
      while (next < text.length() && kind(text, next) == Kind.WHITESPACE) {
        next++;
      }
    }
    return end;
  }

  private void addKnownChunk(String text, int start, int end, Word word, Ids ids) {
    for (int i = start; i < end; i++) {
      char c = text.charAt(i);
      boolean single = characters.kind(c) == Kind.SINGLE;
      if (single) {
        addWord(word, ids);
      }
      word.add(c, characters.replacement(c));
      if (single) {
        addWord(word, ids);
      }
    }
    addWord(word, ids);
  }

  /**
   * Adds the pieces of a word, and empties it: the longest piece that is a prefix of the word, then
   * the longest continuing piece that is a prefix of the rest, and so on.
   */
  private void addWord(Word word, Ids ids) {
    char[] chars = word.chars;
    int end = word.size;
    word.size = 0;
    if (end > maxWordChars) {
      ids.add(unknownId);
      return;
    }
    int sizeBefore = ids.size();
    int root = PieceTrie.START;
    int position = 0;
    while (position < end) {
      int id = PieceTrie.NONE;
      int next = position;
      int node = root;
      for (int i = position; i < end; i++) {
        node = pieces.child(node, chars[i]);
        if (node == PieceTrie.NONE) {
          break;
        }
        if (pieces.id(node) != PieceTrie.NONE) {
          id = pieces.id(node);
          next = i + 1;
        }
      }
      if (id == PieceTrie.NONE) {
        // If no piece matches the rest, the whole word becomes the unknown token.
        ids.cut(sizeBefore);
        ids.add(unknownId);
        return;
      }
      ids.add(id);
      position = next;
      root = PieceTrie.CONTINUATION;
    }
  }

  /** The normalized characters of a word. */
  private static final class Word {
    private char[] chars = new char[64];
    private int size;

    private void add(char c, String replacement) {
      if (replacement == null) {
        append(c);
        return;
      }
      for (int i = 0; i < replacement.length(); i++) {
        append(replacement.charAt(i));
      }
    }

    private void append(char c) {
      if (size == chars.length) {
        chars = Arrays.copyOf(chars, 2 * size);
      }
      chars[size++] = c;
    }
  }
}
