package dev.crossencoder.model.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.compiler.tokenizer.AddedToken;
import dev.crossencoder.model.compiler.tokenizer.AddedVocabulary;
import dev.crossencoder.model.compiler.tokenizer.TokenizerReferenceTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** At every place where a text may be cut, the first part has the first tokens of the whole. */
class PrefixCutTest {
  private static final List<String> PIECES =
      List.of(
          " ",
          " ",
          " ",
          "  ",
          "   ",
          "\t",
          "\n",
          "\r\n",
          "\u00a0",
          "\u3000",
          "\u2028",
          "\u200b",
          "\u200d",
          "\u00ad",
          "a",
          "word",
          "the",
          "ing",
          "'s",
          "'ll",
          "don't",
          "1",
          "2024",
          "3.5",
          ".",
          ",",
          "!!",
          "(",
          "\"",
          "-",
          "_",
          "é",
          "e\u0301",
          "\u0301",
          "\u0308",
          "ß",
          "İ",
          "ǆ",
          "Ĳ",
          "ﬁ",
          "½",
          "㎡",
          "Ｈｅ",
          "ｶﾞ",
          "\u00b4",
          "\u0600",
          "\u0661",
          "привет",
          "λόγος",
          "שלום",
          "مرحبا",
          "नमस्ते",
          "क्ष",
          "กำ",
          "東京",
          "の",
          "한국",
          "\u1100",
          "\u1161",
          "가\u11a8",
          "😀",
          "👩\u200d👩",
          "🇫🇷",
          "[MASK]",
          "[SEP]",
          "[UNK]",
          "<mask>",
          "</s>",
          "<s>",
          "<extra>",
          "NEWTOKEN",
          "▁",
          "Ġ",
          "\u0000",
          "\u0085",
          "\ufffd",
          "x".repeat(30),
          "<|endoftext|>");

  @TempDir private Path temporary;

  static List<String> checkpoints() throws Exception {
    return TokenizerReferenceTest.checkpoints();
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void aPrefixHasTheFirstTokensOfTheWhole(String name) throws Exception {
    JsonNode json = tokenizer(name);
    PrefixCut cut = PrefixCuts.of(json);
    Random random = new Random(17);
    int cuts = 0;
    try (TextTokenizer tokenizer = TextTokenizer.load(json.toString())) {
      for (int round = 0; round < 600; round++) {
        String text = text(random, 1 + random.nextInt(14));
        int[] whole = null;
        for (int end : ends(cut, text)) {
          whole = whole == null ? tokenizer.ids(text) : whole;
          int[] prefix = tokenizer.ids(text.substring(0, end));
          assertThat(Arrays.copyOf(whole, prefix.length))
              .as("%s cut at %d", text, end)
              .isEqualTo(prefix);
          cuts++;
        }
      }
    }

    System.out.printf("%s: %d cuts%n", name, cuts);
    assertThat(cuts).isGreaterThan(300);
  }

  private static List<Integer> ends(PrefixCut cut, String text) {
    List<Integer> ends = new ArrayList<>();
    for (int limit = text.length() - 1; limit > 0; ) {
      int end = cut.before(text, limit);
      if (end == 0) {
        break;
      }
      ends.add(end);
      limit = end - 1;
    }
    return ends;
  }

  private static String text(Random random, int size) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < size; i++) {
      text.append(PIECES.get(random.nextInt(PIECES.size())));
      // Enough places to cut at.
      text.append(random.nextInt(3) == 0 ? " so" : "");
    }
    return text.toString();
  }

  /** The space of an added token is no place to cut at. */
  @ParameterizedTest
  @ValueSource(strings = {"bert", "roberta-prefix", "deberta-v2", "xlm-roberta"})
  void aTokenThatHoldsASpacePreventsCuts(String name) throws Exception {
    ObjectNode json = tokenizer(name).deepCopy();
    AddedVocabulary added = AddedVocabulary.of(json);
    added.addAll(List.of(AddedToken.ordinary("of the")));
    added.write();

    assertThat(PrefixCuts.of(json)).isSameAs(PrefixCut.NONE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "roberta-prefix", "deberta-v2", "xlm-roberta"})
  void anUnknownPreTokenizerPreventsCuts(String name) throws Exception {
    ObjectNode json = tokenizer(name).deepCopy();
    json.set("pre_tokenizer", TokenizerJson.typed("UnicodeScripts"));

    assertThat(PrefixCuts.of(json)).isSameAs(PrefixCut.NONE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "roberta-prefix", "deberta-v2", "xlm-roberta"})
  void anUnknownNormaliserPreventsCuts(String name) throws Exception {
    ObjectNode json = tokenizer(name).deepCopy();
    json.set("normalizer", TokenizerJson.typed("NFKD"));

    assertThat(PrefixCuts.of(json)).isSameAs(PrefixCut.NONE);
  }

  @Test
  void aByteLevelTokenizerWithoutItsExpressionPreventsCuts() throws Exception {
    ObjectNode json = tokenizer("roberta").deepCopy();
    ((ObjectNode) json.path("pre_tokenizer")).put("use_regex", false);

    assertThat(PrefixCuts.of(json)).isSameAs(PrefixCut.NONE);
  }

  @Test
  void aMetaspaceThatDoesNotSplitPreventsCuts() throws Exception {
    ObjectNode json = tokenizer("xlm-roberta").deepCopy();
    ((ObjectNode) json.path("pre_tokenizer")).put("split", false);

    assertThat(PrefixCuts.of(json)).isSameAs(PrefixCut.NONE);
  }

  /** Where a space and its neighbours might be one cluster, or not stay as they are. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "a \u0301b",
        "a b\u0301",
        "\u0600a b",
        "a\u0301 b",
        "a  b",
        "a \u200db",
        "½ b",
        "a ½",
        "a ",
        " b",
        "a\tb",
        "a\u00a0b"
      })
  void aSpaceBetweenUncertainNeighboursIsNoPlaceToCutAt(String text) throws Exception {
    assertThat(PrefixCuts.of(tokenizer("xlm-roberta")).before(text, text.length() - 1)).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "ça ira", "да нет", "第 一", "x. Y"})
  void aSpaceBetweenLettersIsAPlaceToCutAt(String text) throws Exception {
    assertThat(PrefixCuts.of(tokenizer("xlm-roberta")).before(text, text.length() - 1))
        .isEqualTo(text.indexOf(' '));
  }

  /** To a token that must be a single word, the Chinese character behind it is a neighbour. */
  @Test
  void aSingleWordKeepsItsNeighbour() throws Exception {
    ObjectNode json = tokenizer("bert").deepCopy();
    AddedVocabulary added = AddedVocabulary.of(json);
    added.addAll(List.of(new AddedToken("hull", true, false, false, false, false)));
    added.write();

    assertThat(PrefixCuts.of(json).before("hull中", 4)).isZero();
    assertThat(PrefixCuts.of(json).before("a 中", 2)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"bert", "roberta", "modernbert", "deberta-v2", "xlm-roberta", "deberta-segments"})
  @Tag("full")
  void aMegabyteOfWhateverKindHasTheIdsOfItsWhole(String name) throws Exception {
    JsonNode json = tokenizer(name);
    Path file = temporary.resolve("tokenizer.json");
    Files.writeString(file, json.toString());
    try (TextTokenizer tokenizer = TextTokenizer.load(json.toString());
        PairEncoder encoder = PairEncoder.load(file, 64)) {
      int special = encoder.encode(new TextPair("", "")).length();
      for (String unit : List.of("word ", "x", " ", "東")) {
        String text = unit.repeat((1 << 20) / unit.length());
        int[] whole = tokenizer.ids(text);
        KeptTokens kept = KeptTokens.longestFirst(whole.length, 0, 64 - special);
        int[] expected = TruncationSide.of(json).keep(whole, kept.first());

        int[] actual = encoder.encode(new TextPair(text, "")).inputIds();

        assertThat(Arrays.copyOfRange(actual, 1, 1 + expected.length))
            .as("a megabyte of \"%s\"", unit)
            .isEqualTo(expected);
      }
    }
  }

  private JsonNode tokenizer(String name) throws Exception {
    return TokenizerReferenceTest.read(
            TokenizerReferenceTest.unpack(
                TokenizerReferenceTest.recordings().resolve(name), temporary))
        .json(2);
  }
}
