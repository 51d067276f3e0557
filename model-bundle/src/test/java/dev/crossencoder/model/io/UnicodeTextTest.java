package dev.crossencoder.model.io;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnicodeTextTest {
  @Test
  void textsWithoutLoneSurrogatesStayTheSameObject() {
    String text = "plain and 😀";

    assertThat(UnicodeText.wellFormed(text)).isSameAs(text);
  }

  @ParameterizedTest
  @CsvSource({
    "0061-D83D-0062, 0061-FFFD-0062",
    "D83D, FFFD",
    "DE00, FFFD",
    "DE00-D83D, FFFD-FFFD",
    "D83D-DE00, D83D-DE00",
    "D83D-D83D-DE00-DE00, FFFD-D83D-DE00-FFFD"
  })
  void onlySurrogatesWithoutAPartnerAreReplaced(String text, String expected) {
    assertThat(UnicodeText.wellFormed(units(text))).isEqualTo(units(expected));
  }

  /** UTF-16 code units in hexadecimal: XML reports cannot hold lone surrogates. */
  private static String units(String hexadecimal) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < hexadecimal.length(); i += 5) {
      text.append((char) Integer.parseInt(hexadecimal, i, i + 4, 16));
    }
    return text.toString();
  }
}
