package dev.crossencoder.cli.evaluate;

import java.util.Locale;
import java.util.regex.Pattern;

/** The numbers of files with labelled pairs. */
final class PairNumber {
  // Not all that Double.valueOf takes: 1d and 0x1p3 are labels.
  private static final Pattern DECIMAL =
      Pattern.compile("[+-]?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?");
  private static final Pattern WHOLE = Pattern.compile("[+-]?[0-9]+");
  private static final Pattern NOT_FINITE = Pattern.compile("nan|[+-]?inf(?:inity)?");

  private PairNumber() {}

  /**
   * Returns a number, NaN for {@code nan} and infinities in any case, or null if the text is none.
   * What is not finite is a number, so that it is refused as one and not taken as a label.
   */
  static Double parse(String text) {
    if (DECIMAL.matcher(text).matches()) {
      return Double.valueOf(text);
    }
    return NOT_FINITE.matcher(text.toLowerCase(Locale.ROOT)).matches() ? Double.NaN : null;
  }

  /** Returns whether a text may be a number or the label of a class, such as {@code 2}. */
  static boolean isWhole(String text) {
    return WHOLE.matcher(text).matches();
  }
}
