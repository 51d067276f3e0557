package dev.crossencoder.model.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Compares a tokenizer in Java with the native one. */
final class TokenizerComparison {
  private TokenizerComparison() {}

  /** Asserts that both tokenizers give the same ids to a text. */
  static void assertSame(TextIds tokenizer, TextIds expected, String text) {
    int[] ids = tokenizer.ids(text);
    int[] wanted = expected.ids(text);
    // An assertion for each of half a million texts is what a test would spend its time on.
    if (!Arrays.equals(ids, wanted)) {
      assertThat(ids).as("%s", escaped(text)).isEqualTo(wanted);
    }
  }

  private static String escaped(String text) {
    StringBuilder escaped = new StringBuilder();
    text.chars()
        .forEach(c -> escaped.append(c > ' ' && c < 127 ? "" + (char) c : "\\u%04x".formatted(c)));
    return escaped.toString();
  }

  /** Remembers what it was asked, and knows nothing. */
  static final class Others implements TextIds {
    private final List<String> texts = new ArrayList<>();

    @Override
    public int[] ids(String text) {
      texts.add(text);
      return new int[0];
    }

    List<String> texts() {
      return texts;
    }
  }
}
