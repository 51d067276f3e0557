package dev.crossencoder.model.io;

/** Handles texts with lone surrogates, which UTF-8 cannot encode. */
public final class UnicodeText {
  private UnicodeText() {}

  /**
   * Replaces each lone surrogate of a text by U+FFFD. With a lone surrogate, Hugging Face's native
   * tokenizer would read the text in another encoding and lose all characters outside the Basic
   * Multilingual Plane.
   */
  public static String wellFormed(String text) {
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

  /** Returns whether a text has no lone surrogate, so that UTF-8 can encode it. */
  public static boolean isWellFormed(String text) {
    return wellFormed(text).equals(text);
  }
}
