package dev.crossencoder.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.PairTooLongException;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.io.JsonFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Turns a pair of texts into the tokens that a model reads: prompt, pair template, truncation,
 * segment ids. Safe for use by several threads.
 */
public final class PairEncoder implements AutoCloseable {
  /**
   * Characters to tokenize for each token that can stay, before looking whether they were enough.
   */
  private static final int PREFIX_CHARS_PER_TOKEN = 6;

  private final TextTokenizer tokenizer;
  private final TextIds texts;
  private final PairTemplate template;
  private final int maxTextTokens;
  private final Truncation truncation;
  private final String prompt;
  private final PrefixCut cut;
  private final TruncationSide side;

  /** A text's ids; {@code complete} is false if more would follow. */
  private record TokenizedText(int[] ids, boolean complete) {}

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
    this.cut = cut;
    this.side = side;
  }

  /** Loads a tokenizer that shortens the longer text and has no prompt. */
  public static PairEncoder load(Path file, int maxLength) {
    return load(file, maxLength, Truncation.LONGEST_FIRST, "");
  }

  /**
   * Loads a tokenizer.
   *
   * @param file {@code tokenizer.json}
   * @param maxLength the most tokens of an encoded pair, special ones included
   * @param prompt what stands before each first text, and is a part of it
   * @throws InvalidModelException if the file is damaged, or of an unknown kind
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
      TextIds texts = WordPieceTokenizer.of(root, tokenizer).orElse(tokenizer);
      return new PairEncoder(tokenizer, texts, template, maxLength, truncation, prompt, cut, side);
    } catch (Throwable t) {
      tokenizer.close();
      throw t;
    }
  }

  /**
   * Encodes a pair.
   *
   * @throws PairTooLongException if the truncation cannot make it fit
   */
  public EncodedPair encode(TextPair pair) {
    String firstText = prompt.isEmpty() ? pair.text() : prompt + pair.text();
    TokenizedText first = tokenize(firstText);
    TokenizedText second = tokenize(pair.textPair());
    boolean oddTokenIsOpen =
        truncation == Truncation.LONGEST_FIRST
            && maxTextTokens % 2 == 1
            && first.ids().length > maxTextTokens
            && second.ids().length > maxTextTokens
            && !(first.complete() && second.complete());
    if (oddTokenIsOpen) {
      // Which of two such texts is longer decides who gets the odd token, so both must be counted.
      first = new TokenizedText(texts.ids(firstText), true);
      second = new TokenizedText(texts.ids(pair.textPair()), true);
    }
    int firstTokens = first.ids().length;
    int secondTokens = second.ids().length;
    KeptTokens kept = truncation.keep(firstTokens, secondTokens, maxTextTokens);
    boolean truncated = (long) firstTokens + secondTokens > maxTextTokens;
    return template.join(
        side.keep(first.ids(), kept.first()), side.keep(second.ids(), kept.second()), truncated);
  }

  /**
   * Tokenizes a text, or a prefix that is enough: one with more tokens than can stay, which are the
   * text's first ones.
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

  /** Encodes a pair that every length has room for, to try a model with. */
  public EncodedPair sample() {
    int[] word = texts.ids("a");
    return template.join(
        TruncationSide.RIGHT.keep(word, Math.min(1, word.length)), new int[0], false);
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
