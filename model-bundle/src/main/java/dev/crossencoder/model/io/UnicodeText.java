package dev.crossencoder.model.io;

/** Texts with and without lone surrogates. */
public final class UnicodeText {
  private UnicodeText() {}

  /**
   * Returns the text with U+FFFD in the place of each surrogate that has no partner. Hugging Face's
   * native tokenizer reads a text with a lone surrogate in another encoding, and loses every
   * character outside the Basic Multilingual Plane.
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

  /** Returns whether every surrogate of a text has its partner, so that UTF-8 can encode it. */
  public static boolean isWellFormed(String text) {
    return wellFormed(text).equals(text);
  }
}
