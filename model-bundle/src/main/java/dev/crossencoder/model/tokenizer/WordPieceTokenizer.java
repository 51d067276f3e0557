package dev.crossencoder.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * BERT's tokenizer for ASCII text, in Java. It is about ten times faster than the native tokenizer,
 * which always computes offsets too. All other text goes to the native tokenizer. Both give the
 * same ids.
 *
 * <p>ASCII white space separates words in every stage of BERT's tokenizer, so the text is tokenized
 * chunk by chunk; a chunk is a run of characters without ASCII white space. A chunk of printable
 * ASCII needs no Unicode normalization, and it contains no added token if it contains none of their
 * first characters. Neighbouring chunks of other characters go to the native tokenizer together.
 *
 * <p>Source: {@code BertNormalizer}, {@code BertPreTokenizer} and {@code WordPiece} of
 * huggingface/tokenizers.
 */
final class WordPieceTokenizer implements TextIds {
  private static final int ASCII = 128;

  private final TextIds fallback;
  private final PieceTrie pieces;
  private final int unknownId;
  private final int maxWordChars;
  private final Kind[] kinds;
  private final char[] normalized;

  private enum Kind {
    WHITESPACE,
    LETTER_OR_DIGIT,
    /** A word of its own. */
    PUNCTUATION,
    /** A character that the normalizer may change or remove, or that may start an added token. */
    OTHER
  }

  private WordPieceTokenizer(
      TextIds fallback,
      PieceTrie pieces,
      int unknownId,
      int maxWordChars,
      Kind[] kinds,
      char[] normalized) {
    this.fallback = fallback;
    this.pieces = pieces;
    this.unknownId = unknownId;
    this.maxWordChars = maxWordChars;
    this.kinds = kinds;
    this.normalized = normalized;
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
            kinds(tokenizer.path("added_tokens")),
            normalized(lowercase.booleanValue())));
  }

  private static Kind[] kinds(JsonNode addedTokens) {
    Kind[] kinds = new Kind[ASCII];
    for (char c = 0; c < ASCII; c++) {
      if (CharacterClasses.isWhitespace(c)) {
        kinds[c] = Kind.WHITESPACE;
      } else if (!CharacterClasses.isPrintableAscii(c)) {
        kinds[c] = Kind.OTHER;
      } else {
        kinds[c] = Character.isLetterOrDigit(c) ? Kind.LETTER_OR_DIGIT : Kind.PUNCTUATION;
      }
    }
    for (JsonNode token : addedTokens) {
      String content = token.path("content").asText();
      if (!content.isEmpty()) {
        // An added token may be matched before or after lower-casing, in either case.
        kinds[Character.toLowerCase(content.charAt(0))] = Kind.OTHER;
        kinds[Character.toUpperCase(content.charAt(0))] = Kind.OTHER;
      }
    }
    return kinds;
  }

  private static char[] normalized(boolean lowercase) {
    char[] map = new char[ASCII];
    for (char c = 0; c < ASCII; c++) {
      map[c] = lowercase ? Character.toLowerCase(c) : c;
    }
    return map;
  }

  @Override
  public int[] ids(String text) {
    Ids ids = new Ids(8 + text.length() / 3);
    int start = 0;
    while (start < text.length()) {
      if (kind(text, start) == Kind.WHITESPACE) {
        start++;
        continue;
      }
      int end = endOfAsciiChunk(text, start);
      if (end > start) {
        addAsciiChunk(text, start, end, ids);
      } else {
        end = endOfOtherChunks(text, start);
        ids.addAll(fallback.ids(text.substring(start, end)));
      }
      start = end;
    }
    return ids.toArray();
  }

  private Kind kind(String text, int index) {
    char c = text.charAt(index);
    return c < ASCII ? kinds[c] : Kind.OTHER;
  }

  /** The end of the chunk that starts here, or its start if it contains {@code OTHER}. */
  private int endOfAsciiChunk(String text, int start) {
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
    while (next < text.length() && endOfAsciiChunk(text, next) == next) {
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

  private void addAsciiChunk(String text, int start, int end, Ids ids) {
    int word = start;
    for (int i = start; i < end; i++) {
      if (kind(text, i) == Kind.PUNCTUATION) {
        addWord(text, word, i, ids);
        addWord(text, i, i + 1, ids);
        word = i + 1;
      }
    }
    addWord(text, word, end, ids);
  }

  /**
   * Adds the pieces of a word: the longest piece that is a prefix of the word, then the longest
   * continuing piece that is a prefix of the rest, and so on.
   */
  private void addWord(String text, int start, int end, Ids ids) {
    if (end - start > maxWordChars) {
      ids.add(unknownId);
      return;
    }
    int sizeBefore = ids.size;
    int root = PieceTrie.START;
    int position = start;
    while (position < end) {
      int id = PieceTrie.NONE;
      int next = position;
      int node = root;
      for (int i = position; i < end; i++) {
        node = pieces.child(node, normalized[text.charAt(i)]);
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
        ids.size = sizeBefore;
        ids.add(unknownId);
        return;
      }
      ids.add(id);
      position = next;
      root = PieceTrie.CONTINUATION;
    }
  }

  /** A growing array of ids. */
  private static final class Ids {
    private int[] values;
    private int size;

    private Ids(int capacity) {
      values = new int[capacity];
    }

    private void add(int id) {
      if (size == values.length) {
        values = Arrays.copyOf(values, 2 * size);
      }
      values[size++] = id;
    }

    private void addAll(int[] more) {
      if (size + more.length > values.length) {
        values = Arrays.copyOf(values, Math.max(2 * size, size + more.length));
      }
      System.arraycopy(more, 0, values, size, more.length);
      size += more.length;
    }

    private int[] toArray() {
      return Arrays.copyOf(values, size);
    }
  }
}
