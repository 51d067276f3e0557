package dev.crossencoder.bundle;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;

/**
 * Hugging Face's native tokeniser for one text: ids only, without special tokens, truncation or
 * padding, which are ours to add. Safe for use by several threads.
 */
final class TextTokenizer implements TextIds, AutoCloseable {
  private final long handle;
  private boolean closed;

  private TextTokenizer(long handle) {
    this.handle = handle;
  }

  /**
   * Loads a tokeniser.
   *
   * @param json the content of {@code tokenizer.json}
   * @throws InvalidModelException if the native library refuses it
   */
  static TextTokenizer load(String json) {
    long handle =
        NativeLibraries.call(
            "the tokeniser library",
            () -> {
              LibUtils.checkStatus();
              try {
                return TokenizersLibrary.LIB.createTokenizerFromString(json);
              } catch (RuntimeException e) {
                throw new InvalidModelException(
                    "Cannot load tokenizer.json: %s".formatted(e.getMessage()), e);
              }
            });
    // Whatever the file says of its own: lengths are the pair encoder's business.
    TokenizersLibrary.LIB.disableTruncation(handle);
    TokenizersLibrary.LIB.disablePadding(handle);
    return new TextTokenizer(handle);
  }

  /** Returns the ids of a text's tokens. A lone surrogate reads as U+FFFD. */
  @Override
  public int[] ids(String text) {
    long encoding = TokenizersLibrary.LIB.encode(handle, wellFormed(text), false);
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

  /**
   * Replaces surrogates that have no partner. The native side would otherwise take the whole text
   * for one in another encoding, and lose every character outside the basic plane.
   */
  static String wellFormed(String text) {
    StringBuilder mended = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isSurrogate(c)) {
        continue;
      }
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
        continue;
      }
      if (mended == null) {
        mended = new StringBuilder(text);
      }
      mended.setCharAt(i, '\uFFFD');
    }
    return mended == null ? text : mended.toString();
  }

  /** Whether every surrogate of a text has its partner, so that it can be written as UTF-8. */
  static boolean isWellFormed(String text) {
    return wellFormed(text).equals(text);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      TokenizersLibrary.LIB.deleteTokenizer(handle);
    }
  }
}
