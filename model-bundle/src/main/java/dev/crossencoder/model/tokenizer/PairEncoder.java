package dev.crossencoder.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.model.Chunking;
import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.PairTooLongException;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.io.JsonFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Encodes a pair of texts as the token ids that a model reads: prompt, tokenizer, truncation, pair
 * template, segment ids. Thread-safe.
 */
public final class PairEncoder implements AutoCloseable {
  /**
   * The length of the first prefix to tokenize, in characters per token that can be kept. If the
   * prefix gives too few tokens, a longer one is tried.
   */
  private static final int PREFIX_CHARS_PER_TOKEN = 6;

  private final TextTokenizer tokenizer;
  private final TextIds texts;
  private final PairTemplate template;
  private final int maxTextTokens;
  private final Truncation truncation;
  private final String prompt;
  private final int promptTokens;
  private final PrefixCut cut;
  private final TruncationSide side;

  /** The ids of a text, or of a prefix of it if {@code complete} is false. */
  record TokenizedText(int[] ids, boolean complete) {}

  private PairEncoder(
      TextTokenizer tokenizer,
      TextIds texts,
      PairTemplate template,
      int maxLength,
      Truncation truncation,
      String prompt,
      PrefixCut cut,
      TruncationSide side) {
    this.tokenizer = tokenizer;
    this.texts = texts;
    this.template = template;
    this.maxTextTokens = maxLength - template.specialTokens();
    this.truncation = truncation;
    this.prompt = prompt;
    this.promptTokens = prompt.isEmpty() ? 0 : texts.ids(prompt).length;
    this.cut = cut;
    this.side = side;
  }

  /** Loads a tokenizer with the truncation {@code longest_first} and without a prompt. */
  public static PairEncoder load(Path file, int maxLength) {
    return load(file, maxLength, Truncation.LONGEST_FIRST, "");
  }

  /**
   * Loads a tokenizer.
   *
   * @param file {@code tokenizer.json}
   * @param maxLength the largest number of tokens of an encoded pair, special tokens included
   * @param prompt the text that is put before each first text; empty for none
   * @throws InvalidModelException if the file is damaged, a part of it is of an unsupported type,
   *     or {@code maxLength} leaves no room for text
   */
  public static PairEncoder load(Path file, int maxLength, Truncation truncation, String prompt) {
    byte[] json = JsonFiles.readBytes(file);
    JsonNode root = JsonFiles.parseObject(file, json);
    CharacterMap.checkAll(root, file.toString());
    PairTemplate template = PairTemplate.parse(root);
    if (maxLength <= template.specialTokens()) {
      throw new InvalidModelException(
          "Invalid max_length: %d. It must leave room for text beside %d special tokens."
              .formatted(maxLength, template.specialTokens()));
    }
    TruncationSide side = TruncationSide.of(root);
    PrefixCut cut = side == TruncationSide.RIGHT ? PrefixCuts.of(root) : PrefixCut.NONE;
    TextTokenizer tokenizer = TextTokenizer.load(new String(json, StandardCharsets.UTF_8));
    try {
      TextIds texts =
          WordPieceTokenizer.of(root, tokenizer)
              .or(() -> ByteLevelTokenizer.of(root, tokenizer))
              .orElse(tokenizer);
      return new PairEncoder(tokenizer, texts, template, maxLength, truncation, prompt, cut, side);
    } catch (Throwable t) {
      tokenizer.close();
      throw t;
    }
  }

  /** As {@link #encode(TextPair, Truncation)}, with the truncation of {@link #load}. */
  public EncodedPair encode(TextPair pair) {
    return encode(pair, truncation);
  }

  /**
   * Encodes a pair, truncated to the maximum length.
   *
   * @throws PairTooLongException if the truncation may not shorten the text that is too long
   */
  public EncodedPair encode(TextPair pair, Truncation with) {
    return encode(pair, tokenizeFirst(pair), tokenizeSecond(pair), with);
  }

  /** As {@link #encode(TextPair)}, for a pair whose texts are tokenized already. */
  EncodedPair encode(TextPair pair, TokenizedText first, TokenizedText second) {
    return encode(pair, first, second, truncation);
  }

  private EncodedPair encode(
      TextPair pair, TokenizedText first, TokenizedText second, Truncation with) {
    boolean oddTokenIsOpen =
        with == Truncation.LONGEST_FIRST
            && maxTextTokens % 2 == 1
            && first.ids().length > maxTextTokens
            && second.ids().length > maxTextTokens
            && !(first.complete() && second.complete());
    if (oddTokenIsOpen) {
      // The longer text keeps the odd token, so the tokens of both whole texts must be counted.
      return join(ids(PairText.FIRST, pair.text()), ids(PairText.SECOND, pair.textPair()), with);
    }
    return join(first.ids(), second.ids(), with);
  }

  /**
   * Tokenizes a pair, one of whose texts is divided into chunks if the pair does not fit.
   *
   * @param divided the text that is divided
   * @throws PairTooLongException if the other text may not be truncated and leaves too little room
   */
  public PairChunks chunks(TextPair pair, PairText divided, Chunking chunking) {
    return new PairChunks(this, pair, divided, chunking);
  }

  /** Joins the tokens of two texts, truncated to the maximum length. */
  EncodedPair join(int[] first, int[] second) {
    return join(first, second, truncation);
  }

  private EncodedPair join(int[] first, int[] second, Truncation with) {
    KeptTokens kept = with.keep(first.length, second.length, maxTextTokens);
    boolean truncated = (long) first.length + second.length > maxTextTokens;
    return template.join(
        side.keep(first, kept.first()), side.keep(second, kept.second()), truncated);
  }

  /** The largest number of tokens of both texts together. */
  int maxTextTokens() {
    return maxTextTokens;
  }

  Truncation truncation() {
    return truncation;
  }

  /**
   * The number of tokens that the prompt adds to a text, as far as it is known without the text.
   */
  int promptTokens(PairText text) {
    return text == PairText.FIRST ? promptTokens : 0;
  }

  /** Returns all tokens of one of a pair's texts, with the prompt. */
  int[] ids(PairText which, String text) {
    return texts.ids(which == PairText.FIRST ? withPrompt(text) : text);
  }

  /** Returns the number of tokens of a text without a prompt. */
  int countTokens(String text) {
    return texts.ids(text).length;
  }

  TokenizedText tokenizeFirst(TextPair pair) {
    return tokenize(withPrompt(pair.text()));
  }

  TokenizedText tokenizeSecond(TextPair pair) {
    return tokenize(pair.textPair());
  }

  private String withPrompt(String text) {
    return prompt.isEmpty() ? text : prompt + text;
  }

  /**
   * Tokenizes a text, or a prefix of it that has more tokens than can be kept. The tokens of such a
   * prefix are the first tokens of the text, so truncation gives the same result.
   */
  private TokenizedText tokenize(String text) {
    int prefix = PREFIX_CHARS_PER_TOKEN * maxTextTokens;
    while (prefix < text.length()) {
      int end = cut.before(text, prefix);
      if (end > 0) {
        int[] ids = texts.ids(text.substring(0, end));
        if (ids.length > maxTextTokens) {
          return new TokenizedText(ids, false);
        }
      }
      prefix = prefix > Integer.MAX_VALUE / 4 ? Integer.MAX_VALUE : 4 * prefix;
    }
    return new TokenizedText(texts.ids(text), true);
  }

  /** Encodes a pair of at most one text token, which fits every maximum length, for a warm-up. */
  public EncodedPair sample() {
    int[] word = texts.ids("a");
    return template.join(
        TruncationSide.RIGHT.keep(word, Math.min(1, word.length)), new int[0], false);
  }

  /** Whether a text that is truncated keeps its end. */
  public boolean readsEnd() {
    return side != TruncationSide.RIGHT;
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
