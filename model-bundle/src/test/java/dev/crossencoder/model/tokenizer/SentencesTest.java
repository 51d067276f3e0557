package dev.crossencoder.model.tokenizer;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SentencesTest {
  private static List<String> sentences(String text) {
    return Sentences.of(text, 0, text.length()).stream()
        .map(span -> text.substring(span.start(), span.end()))
        .toList();
  }

  @Test
  void aSentenceEndsAtItsTerminatorBeforeWhiteSpace() {
    assertThat(sentences(" One is here. Is two?  Three!\r\nFour"))
        .containsExactly("One is here.", "Is two?", "Three!", "Four");
  }

  @Test
  void closingQuotesAndBracketsBelongToTheSentenceBefore() {
    assertThat(sentences("\"Is it?\" (It is.) He said: \u201cYes.\u201d Then he left."))
        .containsExactly("\"Is it?\"", "(It is.)", "He said: \u201cYes.\u201d", "Then he left.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "It has 3.5 km.",
        "See example.com for it",
        "Dr. Smith met J. K. Rowling",
        "about 5 p.m. in the afternoon",
        "he waits... and waits",
        "one line\nof a paragraph"
      })
  void aFullStopInsideASentenceEndsNothing(String text) {
    assertThat(sentences(text)).containsExactly(text);
  }

  @Test
  void scriptsWithoutSpacesNeedNoneBehindASentence() {
    assertThat(sentences("東京の人口。日本は「広い。」本当？はい")).containsExactly("東京の人口。", "日本は「広い。」", "本当？", "はい");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n\n", "\r\n\r\n", "\n \t\n", "\u2029"})
  void anEmptyLineEndsASentence(String emptyLine) {
    assertThat(sentences("A heading" + emptyLine + "the text"))
        .containsExactly("A heading", "the text");
  }

  @Test
  void aMarkStaysWithItsCharacter() {
    assertThat(sentences("What\u203c\ufe0f Yes. \u0301No\u3002\u0301x"))
        .containsExactly("What\u203c\ufe0f", "Yes. \u0301No\u3002\u0301", "x");
  }

  @Test
  void whiteSpaceHasNoSentences() {
    assertThat(sentences("")).isEmpty();
    assertThat(sentences(" \n\n\u3000")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {".(", ". ", ".", "a.b", "(", "\n", "\n ", "Aa. Bb. ", "\u0301", "!) "})
  @Timeout(value = 30, unit = SECONDS)
  void fourMillionCharactersTakeLinearTime(String unit) {
    String text = unit.repeat((1 << 22) / unit.length());

    assertThat(Sentences.of(text, 0, text.length()).size()).isLessThan(text.length());
  }
}
