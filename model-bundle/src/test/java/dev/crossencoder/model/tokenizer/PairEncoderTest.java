package dev.crossencoder.model.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.compiler.BundleBuilder;
import dev.crossencoder.model.io.Folders;
import dev.crossencoder.model.testing.TestModels;
import dev.crossencoder.model.testing.TinyCheckpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PairEncoderTest {
  private static final int CLS = 2;
  private static final int SEP = 3;
  private static final int SPECIAL_TOKENS = 3;
  private static final int EVEN = 33;
  private static final int ODD = 34;

  private static Path tokenizerFile;
  private static TextTokenizer tokenizer;
  private static PairEncoder evenRoom;
  private static PairEncoder oddRoom;

  /** Texts of a size and kind; the same for the same seed. */
  private enum Text {
    WORDS("a |question |of |tokenization, |really? "),
    NO_SPACES("word|s|extraordinary|7"),
    SPACES_ONLY(" |  |\u00a0|\u3000"),
    OTHER_WHITE_SPACE("one\n|two\t|three\r\n|four\u2003"),
    CONTROL_CHARACTERS("a\u0000b |\u0007|c\u200bd |\u0085x| \ufeff"),
    CJK("東京|の|人口|。| |한국어"),
    EMOJI("😀|👩‍👩‍👧| ok |🇫🇷|❤️"),
    COMBINING_MARKS("e\u0301| \u0308|ﬁ|A\u030a\u0323 |İ|ΣΑΣ "),
    SPECIAL_TOKENS("[SEP] |[CLS]|[MA|SK]| [UNK] |[PAD]x "),
    LONE_SURROGATES("\ud83d| |\ude00|x|\ud83d\ude00 ");

    private static final Pattern SEPARATOR = Pattern.compile("|", Pattern.LITERAL);

    private final String pieces;

    Text(String pieces) {
      this.pieces = pieces;
    }

    String ofLength(int chars, int seed) {
      String[] choice = SEPARATOR.split(pieces, -1);
      Random random = new Random(seed);
      StringBuilder text = new StringBuilder();
      while (text.length() < chars) {
        text.append(choice[random.nextInt(choice.length)]);
      }
      return text.toString();
    }
  }

  @BeforeAll
  static void load() throws Exception {
    tokenizerFile = TestModels.bundle("demo-qa").folder().resolve(Bundle.TOKENIZER);
    tokenizer = TextTokenizer.load(Files.readString(tokenizerFile));
    evenRoom = PairEncoder.load(tokenizerFile, EVEN);
    oddRoom = PairEncoder.load(tokenizerFile, ODD);
  }

  @AfterAll
  static void close() {
    tokenizer.close();
    evenRoom.close();
    oddRoom.close();
  }

  @Test
  void aPairIsJoinedByTheModelsTemplate() {
    EncodedPair pair = evenRoom.encode(new TextPair("who wrote it?", "a woman."));

    int[] first = ids("who wrote it?");
    int[] second = ids("a woman.");
    assertThat(pair.inputIds()).isEqualTo(join(first, first.length, second, second.length));
    assertThat(pair.tokenTypeIds())
        .startsWith(new int[first.length + 2])
        .endsWith(1, 1, 1, 1)
        .hasSize(first.length + second.length + SPECIAL_TOKENS);
    assertThat(pair.truncated()).isFalse();
  }

  @Test
  void segmentsEndWithTheirSeparators() {
    EncodedPair pair = evenRoom.encode(new TextPair("", ""));

    assertThat(pair.inputIds()).containsExactly(CLS, SEP, SEP);
    assertThat(pair.tokenTypeIds()).containsExactly(0, 0, 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\t\n", "\u0000", "\u200b\u0007"})
  void aTextWithoutAVisibleCharacterHasNoTokens(String blank) {
    EncodedPair pair = evenRoom.encode(new TextPair(blank, "yes"));

    assertThat(pair.inputIds()).isEqualTo(join(new int[0], 0, ids("yes"), 1));
    assertThat(pair.truncated()).isFalse();
  }

  @Test
  void aNulCharacterEndsNothing() {
    assertThat(ids("one\u0000 two")).isEqualTo(ids("one two"));
  }

  /** As Hugging Face's tokenizers have it: special tokens in a text are special tokens. */
  @Test
  void aSeparatorInATextIsASeparator() {
    assertThat(evenRoom.encode(new TextPair("a [SEP] b", "")).inputIds())
        .containsExactly(CLS, ids("a")[0], SEP, ids("b")[0], SEP, SEP);
  }

  @Test
  void aLoneSurrogateReadsAsTheReplacementCharacter() {
    assertThat(ids("x \ud83d y \ude00\ud83d")).isEqualTo(ids("x \ufffd y \ufffd\ufffd"));
  }

  @Test
  void anEmojiSurvivesALoneSurrogateElsewhere() throws Exception {
    Path file = Files.createTempDirectory("emoji");
    TinyCheckpoint checkpoint = TinyCheckpoint.create();
    checkpoint.vocabulary.add("😀");
    int emoji = checkpoint.vocabulary.size() - 1;
    try {
      Bundle bundle =
          BundleBuilder.fromCheckpoint(checkpoint.writeTo(file.resolve("checkpoint")))
              .build(file.resolve("bundle"));
      try (PairEncoder encoder =
          PairEncoder.load(bundle.folder().resolve(Bundle.TOKENIZER), EVEN)) {
        assertThat(encoder.encode(new TextPair("\ud83d a 😀", "")).inputIds()).contains(emoji);
      }
    } finally {
      Folders.deleteIfExists(file);
    }
  }

  @ParameterizedTest
  @EnumSource(Text.class)
  void aPairOfAnyLengthsHasTheIdsOfItsWholeTexts(Text kind) {
    int[] lengths = {0, 1, 40, 150, 200, 400, 900, 5_000};
    for (int first : lengths) {
      for (int second : lengths) {
        TextPair pair =
            new TextPair(kind.ofLength(first, first), kind.ofLength(second, 1 + second));
        assertAsWhole(evenRoom, EVEN, pair);
        assertAsWhole(oddRoom, ODD, pair);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Text.class)
  void aHugeTextHasTheIdsOfItsWhole(Text kind) {
    String huge = kind.ofLength(1 << 16, 3);

    assertAsWhole(evenRoom, EVEN, new TextPair("who wrote it?", huge));
    assertAsWhole(oddRoom, ODD, new TextPair(huge, "who wrote it?"));
  }

  @Test
  void aTextOfAMegabyteHasTheIdsOfItsWhole() {
    assertAsWhole(evenRoom, EVEN, new TextPair("who wrote it?", Text.WORDS.ofLength(1 << 20, 3)));
  }

  @Test
  void aTextOfAMegabyteWithoutASpaceHasTheIdsOfItsWhole() {
    assertAsWhole(
        evenRoom, EVEN, new TextPair(Text.NO_SPACES.ofLength(1 << 20, 3), "who wrote it?"));
  }

  /** A word of more than 100 characters is one unknown token; a part of it may be many. */
  @ParameterizedTest
  @ValueSource(ints = {1, 60, 100, 150, 170, 179})
  void aWordIsNeverReadInPart(int start) {
    String text = " ".repeat(start) + "zq".repeat(100) + " and so on".repeat(50);

    assertAsWhole(evenRoom, EVEN, new TextPair("who wrote it?", text));
  }

  @Test
  void theLongerOfTwoHugeTextsGetsTheOddToken() {
    String huge = Text.WORDS.ofLength(1 << 16, 5);
    String longer = huge + "and more";

    assertAsWhole(oddRoom, ODD, new TextPair(huge, longer));
    assertAsWhole(oddRoom, ODD, new TextPair(longer, huge));
    assertAsWhole(oddRoom, ODD, new TextPair(huge, huge));
  }

  @Test
  void mixedKindsHaveTheIdsOfTheirWholeTexts() {
    Random random = new Random(11);
    for (int round = 0; round < 300; round++) {
      StringBuilder first = new StringBuilder();
      StringBuilder second = new StringBuilder();
      for (int i = random.nextInt(12); i >= 0; i--) {
        Text kind = Text.values()[random.nextInt(Text.values().length)];
        first.append(kind.ofLength(random.nextInt(60), round));
        second.append(kind.ofLength(random.nextInt(90), i));
      }
      TextPair pair = new TextPair(first.toString(), second.toString());
      assertAsWhole(evenRoom, EVEN, pair);
      assertAsWhole(oddRoom, ODD, pair);
    }
  }

  @Test
  void aPairIsTruncatedFromTheFirstTokenThatDoesNotFit() {
    String fits = "a ".repeat(EVEN - SPECIAL_TOKENS - 1);

    assertThat(evenRoom.encode(new TextPair("b", fits)).truncated()).isFalse();
    assertThat(evenRoom.encode(new TextPair("b", fits + "a")).truncated()).isTrue();
  }

  @Test
  void whiteSpaceAtTheEndCutsNothing() {
    String fits = "a ".repeat(EVEN - SPECIAL_TOKENS - 1);

    assertThat(evenRoom.encode(new TextPair("b", fits + " ".repeat(100_000))).truncated())
        .isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, SPECIAL_TOKENS})
  void aLengthWithoutRoomForTextIsRefused(int maxLength) {
    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> PairEncoder.load(tokenizerFile, maxLength))
        .withMessage(
            "Invalid max_length: %d. It must leave room for text beside 3 special tokens.",
            maxLength);
  }

  private static void assertAsWhole(PairEncoder encoder, int maxLength, TextPair pair) {
    int[] first = ids(pair.text());
    int[] second = ids(pair.textPair());
    KeptTokens kept =
        KeptTokens.longestFirst(first.length, second.length, maxLength - SPECIAL_TOKENS);

    EncodedPair encoded = encoder.encode(pair);

    assertThat(encoded.inputIds())
        .as("%s, at most %d tokens", pair, maxLength)
        .isEqualTo(join(first, kept.first(), second, kept.second()));
    assertThat(encoded.truncated())
        .as("%s, at most %d tokens: truncated", pair, maxLength)
        .isEqualTo(first.length + second.length > maxLength - SPECIAL_TOKENS);
  }

  private static int[] join(int[] first, int firstLength, int[] second, int secondLength) {
    int[] joined = new int[firstLength + secondLength + SPECIAL_TOKENS];
    joined[0] = CLS;
    System.arraycopy(first, 0, joined, 1, firstLength);
    joined[1 + firstLength] = SEP;
    System.arraycopy(second, 0, joined, 2 + firstLength, secondLength);
    joined[joined.length - 1] = SEP;
    return joined;
  }

  private static int[] ids(String text) {
    return tokenizer.ids(text);
  }
}
