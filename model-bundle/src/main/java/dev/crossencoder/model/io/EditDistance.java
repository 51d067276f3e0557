package dev.crossencoder.model.io;

/** Computes the Levenshtein distance of two texts. */
public final class EditDistance {
  private EditDistance() {}

  /**
   * Returns the smallest number of characters to insert, delete or replace that turns one text into
   * the other. The time is proportional to the product of the lengths.
   */
  public static int between(String one, String other) {
    int[] previous = new int[other.length() + 1];
    for (int j = 0; j <= other.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      int[] current = new int[other.length() + 1];
      current[0] = i;
      for (int j = 1; j <= other.length(); j++) {
        int replaced = previous[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(replaced, 1 + Math.min(previous[j], current[j - 1]));
      }
      previous = current;
    }
    return previous[other.length()];
  }
}
