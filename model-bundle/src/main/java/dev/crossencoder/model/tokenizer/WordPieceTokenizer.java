package dev.crossencoder.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * BERT's tokenizer for what is ASCII, an order of magnitude faster than the native one, which also
 * finds out where each token stood; all else is left to that one, and what is said of a text does
 * not depend on who says it.
 *
 * <p>White space of ASCII is a border to everything in BERT's tokenizer, so a text is taken stretch
 * by stretch. A stretch between two spaces that has letters, digits and signs of ASCII only needs
 * nothing of Unicode, and none of the added tokens is in it if none of their first characters is.
 * Neighbouring stretches of other kinds go to the native tokenizer together.
 *
 * <p>Source: {@code BertNormalizer}, {@code BertPreTokenizer} and {@code WordPiece} of
 * huggingface/tokenizers.
 */
final class WordPieceTokenizer implements TextIds {
  private static final int ASCII = 128;

  private final TextIds others;
  private final PieceTrie pieces;
  private final int unknownId;
  private final int maxWordChars;
  private final Kind[] kinds;
  private final char[] normalized;

  private enum Kind {
    SPACE,
    /** One of those that words are made of. */
    WORD,
    /** A word by itself. */
    SIGN,
    /** What may mean something else to the normalizer, or begin an added token. */
    OTHER
  }

  private WordPieceTokenizer(
      TextIds others, PieceTrie pieces, int unknownId, int maxWordChars, Kind[] kinds, char[] map) {
    this.others = others;
    this.pieces = pieces;
    this.unknownId = unknownId;
    this.maxWordChars = maxWordChars;
    this.kinds = kinds;
    this.normalized = map;
  }

  /**
   * Reads a tokenizer that is known to be BERT's.
   *
   * @param tokenizer the content of {@code tokenizer.json}
   * @param others finds the ids of any text of the same tokenizer
   * @return nothing for another tokenizer
   */
  static Optional<TextIds> of(JsonNode tokenizer, TextIds others) {
    JsonNode model = tokenizer.path("model");
    JsonNode lowercase = tokenizer.path("normalizer").path("lowercase");
    JsonNode unknown = model.path("vocab").path(model.path("unk_token").asText());
    JsonNode prefix = model.path("continuing_subword_prefix");
    JsonNode maxWordChars = model.path("max_input_chars_per_word");
    // Where its texts may be cut, its stretches may be taken one by one.
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
            others,
            PieceTrie.of(vocabulary, prefix.textValue()),
            unknown.intValue(),
            maxWordChars.intValue(),
            kinds(tokenizer.path("added_tokens")),
            normalized(lowercase.booleanValue())));
  }

  private static Kind[] kinds(JsonNode addedTokens) {
    Kind[] kinds = new Kind[ASCII];
    for (char c = 0; c < ASCII; c++) {
      if (CharacterClasses.isSpace(c)) {
        kinds[c] = Kind.SPACE;
      } else if (!CharacterClasses.isPrintable(c)) {
        kinds[c] = Kind.OTHER;
      } else {
        kinds[c] = Character.isLetterOrDigit(c) ? Kind.WORD : Kind.SIGN;
      }
    }
    for (JsonNode token : addedTokens) {
      String content = token.path("content").asText();
      if (!content.isEmpty()) {
        // A token may be looked for before or after letters become small, and itself be so.
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
      if (kind(text, start) == Kind.SPACE) {
        start++;
        continue;
      }
      int end = endOfPlain(text, start);
      if (end > start) {
        addPlain(text, start, end, ids);
      } else {
        end = endOfOthers(text, start);
        ids.addAll(others.ids(text.substring(start, end)));
      }
      start = end;
    }
    return ids.toArray();
  }

  private Kind kind(String text, int index) {
    char c = text.charAt(index);
    return c < ASCII ? kinds[c] : Kind.OTHER;
  }

  /** Where the stretch that starts here ends, or its start if it is not plain. */
  private int endOfPlain(String text, int start) {
    for (int i = start; i < text.length(); i++) {
      Kind kind = kind(text, i);
      if (kind == Kind.SPACE) {
        return i;
      }
      if (kind == Kind.OTHER) {
        return start;
      }
    }
    return text.length();
  }

  /** Where the last of the neighbouring stretches that are not plain ends. */
  private int endOfOthers(String text, int start) {
    int end = start;
    int next = start;
    while (next < text.length() && endOfPlain(text, next) == next) {
      end = next;
      while (end < text.length() && kind(text, end) != Kind.SPACE) {
        end++;
      }
      next = end;
      while (next < text.length() && kind(text, next) == Kind.SPACE) {
        next++;
      }
    }
    return end;
  }

  private void addPlain(String text, int start, int end, Ids ids) {
    int word = start;
    for (int i = start; i < end; i++) {
      if (kind(text, i) == Kind.SIGN) {
        addWord(text, word, i, ids);
        addWord(text, i, i + 1, ids);
        word = i + 1;
      }
    }
    addWord(text, word, end, ids);
  }

  /** Adds the longest piece that the word starts with, then the longest of what remains, … */
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
        // A word of which one part is unknown is unknown.
        ids.size = sizeBefore;
        ids.add(unknownId);
        return;
      }
      ids.add(id);
      position = next;
      root = PieceTrie.CONTINUATION;
    }
  }

  /** Ids that are being gathered. */
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
