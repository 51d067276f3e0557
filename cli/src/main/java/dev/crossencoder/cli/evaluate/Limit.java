package dev.crossencoder.cli.evaluate;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A limit of {@code --fail-below}.
 *
 * @param figure the name of a figure
 * @param value the smallest value that is good enough
 */
record Limit(String figure, double value) {
  private static final Pattern TEXT =
      Pattern.compile("([a-z0-9@-]+)=(-?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+))");

  /**
   * Parses a limit, such as {@code ndcg@10=0.7}.
   *
   * @throws IllegalArgumentException if the text has another form
   */
  static Limit parse(String text) {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "Invalid --fail-below: %s. It must be a figure and a number, such as ndcg@10=0.70."
              .formatted(text));
    }
    return new Limit(parts.group(1), Double.parseDouble(parts.group(2)));
  }
}
