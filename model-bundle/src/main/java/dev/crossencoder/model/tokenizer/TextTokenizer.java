package dev.crossencoder.model.tokenizer;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.io.NativeLibraries;
import dev.crossencoder.model.io.UnicodeText;

/**
 * Hugging Face's native tokenizer for a single text. It returns ids without special tokens,
 * truncation or padding; {@link PairEncoder} adds these. Thread-safe, except for {@link #close}.
 */
public final class TextTokenizer implements TextIds, AutoCloseable {
  private final long handle;
  private boolean closed;

  private TextTokenizer(long handle) {
    this.handle = handle;
  }

  /**
   * Loads a tokenizer.
   *
   * @param json the content of {@code tokenizer.json}
   * @throws InvalidModelException if the native library refuses it
   */
  public static TextTokenizer load(String json) {
    long handle =
        NativeLibraries.call(
            "the tokenizer library",
            () -> {
              LibUtils.checkStatus();
              try {
                return TokenizersLibrary.LIB.createTokenizerFromString(json);
              } catch (RuntimeException e) {
                throw new InvalidModelException(
                    "Cannot load tokenizer.json: %s".formatted(e.getMessage()), e);
              }
            });
    // PairEncoder truncates. The settings of the file must not shorten or pad a single text.
    TokenizersLibrary.LIB.disableTruncation(handle);
    TokenizersLibrary.LIB.disablePadding(handle);
    return new TextTokenizer(handle);
  }

  /** Returns the ids of a text's tokens. A surrogate without its partner is replaced by U+FFFD. */
  @Override
  public int[] ids(String text) {
    long encoding = TokenizersLibrary.LIB.encode(handle, UnicodeText.wellFormed(text), false);
    try {
      long[] found = TokenizersLibrary.LIB.getTokenIds(encoding);
      int[] ids = new int[found.length];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = (int) found[i];
      }
      return ids;
    } finally {
      TokenizersLibrary.LIB.deleteEncoding(encoding);
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      TokenizersLibrary.LIB.deleteTokenizer(handle);
    }
  }
}
