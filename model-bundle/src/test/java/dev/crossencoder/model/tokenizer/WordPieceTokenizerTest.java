package dev.crossencoder.model.tokenizer;

import static dev.crossencoder.model.tokenizer.TokenizerComparison.assertSame;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.compiler.tokenizer.AddedToken;
import dev.crossencoder.model.testing.TestModels;
import dev.crossencoder.model.tokenizer.TokenizerComparison.Others;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the tokenizer says of a text is what the native one says. */
class WordPieceTokenizerTest {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final int FEW = 2_000;
  private static final int MANY = 6_000;

  /** The embedded model's tokenizer, and what else a published one may be. */
  private enum Variant {
    AS_IT_IS,
    CASED,
    ACCENTS_STAY,
    NOTHING_IS_CLEANED,
    ANOTHER_PREFIX,
    SHORT_WORDS,
    NO_ADDED_TOKENS,
    MORE_ADDED_TOKENS;

    ObjectNode json() throws Exception {
      ObjectNode json = embedded();
      switch (this) {
        case AS_IT_IS -> {}
        case CASED -> normalizer(json).put("lowercase", false).put("strip_accents", true);
        case ACCENTS_STAY -> normalizer(json).put("strip_accents", false);
        case NOTHING_IS_CLEANED ->
            normalizer(json).put("clean_text", false).put("handle_chinese_chars", false);
        case ANOTHER_PREFIX -> renamePrefix(json, "##", "$$");
        case SHORT_WORDS -> model(json).put("max_input_chars_per_word", 6);
        case NO_ADDED_TOKENS -> json.putArray("added_tokens");
        case MORE_ADDED_TOKENS -> {
          add(json, 9_001, new AddedToken("<Extra>", false, true, true, true, false));
          add(json, 9_002, new AddedToken("the", true, false, false, false, false));
          add(json, 9_003, new AddedToken("Q&A", false, false, false, true, true));
          add(json, 9_004, new AddedToken("7", false, false, false, false, false));
        }
      }
      return json;
    }
  }

  private static final List<String> PIECES =
      List.of(
          " ",
          " ",
          " ",
          "  ",
          "\n",
          "\t",
          "\r\n",
          "\u000b",
          "\f",
          "\u0000",
          "\u007f",
          "\u0085",
          "\u00a0",
          "\u2003",
          "\u3000",
          "\u200b",
          "\ufeff",
          "\ufffd",
          "\ud83d",
          "\ude00",
          "\u001f",
          "the",
          "The",
          "THE",
          "lighthouse",
          "unquestionably",
          "tokenization",
          "zqx",
          "s",
          "x1y2",
          "1987",
          "3,200",
          "41",
          ".",
          ",",
          "?",
          "'s",
          "don't",
          "e-mail",
          "a/b",
          "$$",
          "##",
          "##ing",
          "#",
          "&",
          "Q&A",
          "q&a",
          "7",
          "(",
          "_",
          "~",
          "`",
          "^",
          "[SEP]",
          "[CLS]",
          "[",
          "[MASK",
          "[mask]",
          "[PAD]",
          "[UNK]",
          "<Extra>",
          "<extra>",
          "<",
          "é",
          "café",
          "naïve",
          "ÉCOLE",
          "e\u0301",
          "\u0301",
          "ß",
          "İ",
          "ı",
          "ﬁ",
          "’",
          "–",
          "“so”",
          "東京",
          "の",
          "привет",
          "мир",
          "שלום",
          "한국어",
          "😀",
          "👩\u200d👩",
          "½",
          "Ⅷ",
          "x".repeat(99),
          "Y".repeat(60),
          "zq".repeat(52));

  @ParameterizedTest
  @EnumSource(Variant.class)
  void mixedTextsHaveTheIdsOfTheNativeTokenizer(Variant variant) throws Exception {
    assertMixedTextsAreTheSame(variant, 5, FEW);
  }

  @ParameterizedTest
  @EnumSource(Variant.class)
  @Tag("full")
  void manyMixedTextsHaveTheIdsOfTheNativeTokenizer(Variant variant) throws Exception {
    assertMixedTextsAreTheSame(variant, 6, MANY);
  }

  private static void assertMixedTextsAreTheSame(Variant variant, int seed, int texts)
      throws Exception {
    ObjectNode json = variant.json();
    Random random = new Random(seed);
    try (TextTokenizer expected = TextTokenizer.load(json.toString())) {
      TextIds tokenizer = WordPieceTokenizer.of(json, expected).orElseThrow();
      for (int round = 0; round < texts; round++) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(14); i >= 0; i--) {
          text.append(PIECES.get(random.nextInt(PIECES.size())));
        }
        assertSame(tokenizer, expected, text.toString());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Variant.class)
  void textsOfAsciiHaveTheIdsOfTheNativeTokenizer(Variant variant) throws Exception {
    assertAsciiTextsAreTheSame(variant, 7, FEW);
  }

  @ParameterizedTest
  @EnumSource(Variant.class)
  @Tag("full")
  void manyTextsOfAsciiHaveTheIdsOfTheNativeTokenizer(Variant variant) throws Exception {
    assertAsciiTextsAreTheSame(variant, 8, MANY);
  }

  private static void assertAsciiTextsAreTheSame(Variant variant, int seed, int texts)
      throws Exception {
    ObjectNode json = variant.json();
    Random random = new Random(seed);
    try (TextTokenizer expected = TextTokenizer.load(json.toString())) {
      TextIds tokenizer = WordPieceTokenizer.of(json, expected).orElseThrow();
      for (int round = 0; round < texts; round++) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(60); i >= 0; i--) {
          text.append(
              (char) (random.nextInt(4) == 0 ? random.nextInt(128) : 'a' + random.nextInt(26)));
        }
        assertSame(tokenizer, expected, text.toString());
      }
    }
  }

  @Test
  void everyCharacterIsReadAsByTheNativeTokenizer() throws Exception {
    assertEveryCharacterIsTheSame(Variant.AS_IT_IS);
  }

  @ParameterizedTest
  @EnumSource(value = Variant.class, mode = EnumSource.Mode.EXCLUDE, names = "AS_IT_IS")
  @Tag("full")
  void everyCharacterIsReadAsByTheNativeTokenizerInEachVariant(Variant variant) throws Exception {
    assertEveryCharacterIsTheSame(variant);
  }

  private static void assertEveryCharacterIsTheSame(Variant variant) throws Exception {
    ObjectNode json = withEveryCharacter(variant.json());
    try (TextTokenizer expected = TextTokenizer.load(json.toString())) {
      TextIds tokenizer = WordPieceTokenizer.of(json, expected).orElseThrow();
      for (int c = 0; c <= Character.MAX_VALUE; c++) {
        assertSame(tokenizer, expected, "x @ a@b@ @".replace('@', (char) c));
      }
    }
  }

  /** Adds pieces for all characters, so that the ids show what a text was normalized to. */
  private static ObjectNode withEveryCharacter(ObjectNode json) {
    ObjectNode vocabulary = (ObjectNode) model(json).path("vocab");
    String prefix = model(json).path("continuing_subword_prefix").asText();
    int next = 100_000;
    for (int c = '!'; c <= Character.MAX_VALUE; c++) {
      if (!Character.isSurrogate((char) c)) {
        for (String piece : List.of(String.valueOf((char) c), prefix + (char) c)) {
          if (!vocabulary.has(piece)) {
            vocabulary.put(piece, next++);
          }
        }
      }
    }
    return json;
  }

  /** The scripts that are tokenized in Java, with some characters of others. */
  @ParameterizedTest
  @EnumSource(Variant.class)
  void textsOfOtherScriptsHaveTheIdsOfTheNativeTokenizer(Variant variant) throws Exception {
    assertScriptsAreTheSame(variant, 9, 500);
  }

  @ParameterizedTest
  @EnumSource(Variant.class)
  @Tag("full")
  void manyTextsOfOtherScriptsHaveTheIdsOfTheNativeTokenizer(Variant variant) throws Exception {
    assertScriptsAreTheSame(variant, 10, MANY);
  }

  private static void assertScriptsAreTheSame(Variant variant, int seed, int texts)
      throws Exception {
    String blocks =
        "\u00a1\u00ff\u0100\u024f\u0300\u036f\u0370\u03ff\u0400\u052f\u1e00\u1eff"
            + "\u2000\u206f\u3000\u30ff\u4e00\u9fff\uac00\uad00\uff00\uffef ~";
    ObjectNode json = withEveryCharacter(variant.json());
    Random random = new Random(seed);
    try (TextTokenizer expected = TextTokenizer.load(json.toString())) {
      TextIds tokenizer = WordPieceTokenizer.of(json, expected).orElseThrow();
      for (int round = 0; round < texts; round++) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(40); i >= 0; i--) {
          int block = 2 * random.nextInt(blocks.length() / 2);
          int length = 1 + random.nextInt(4);
          for (int j = 0; j < length; j++) {
            text.append((char) random.nextInt(blocks.charAt(block), blocks.charAt(block + 1) + 1));
          }
          if (random.nextInt(3) == 0) {
            text.append(PIECES.get(random.nextInt(PIECES.size())));
          }
        }
        assertSame(tokenizer, expected, text.toString());
      }
    }
  }

  @Test
  void commonScriptsNeedNoOtherTokenizer() throws Exception {
    Others others = new Others();
    TextIds tokenizer = WordPieceTokenizer.of(embedded(), others).orElseThrow();

    assertThat(tokenizer.ids("Who wrote it, in 1843?\tNobody knows!")).hasSizeGreaterThan(8);
    assertThat(tokenizer.ids("Où est l’école “Zürich” – ¿qué?")).hasSizeGreaterThan(8);
    assertThat(tokenizer.ids("Кто построил маяк? Ποιος έγραψε αυτό; 誰が灯台を建てたか。"))
        .hasSizeGreaterThan(8);
    assertThat(others.texts()).isEmpty();
  }

  @Test
  void neighboursThatAreNotPlainGoToTheOtherTokenizerTogether() throws Exception {
    Others others = new Others();
    TextIds tokenizer = WordPieceTokenizer.of(embedded(), others).orElseThrow();

    tokenizer.ids("a café,  한국\n[SEP] was b in 😀 ");

    assertThat(others.texts()).containsExactly("한국\n[SEP]", "😀");
  }

  @Test
  void aTokenizerThatIsNotKnownToBeBertsIsLeftToTheNativeOne() throws Exception {
    List<ObjectNode> unknown =
        List.of(
            changed(json -> model(json).put("type", "BPE")),
            changed(json -> normalizer(json).put("type", "NFC")),
            changed(json -> json.putNull("normalizer")),
            changed(json -> normalizer(json).remove("lowercase")),
            changed(json -> ((ObjectNode) json.path("pre_tokenizer")).put("type", "Whitespace")),
            changed(json -> model(json).put("unk_token", "[NONE]")),
            changed(json -> model(json).remove("continuing_subword_prefix")),
            changed(json -> model(json).remove("max_input_chars_per_word")),
            changed(json -> add(json, 9_001, AddedToken.ordinary("two words"))));

    for (ObjectNode json : unknown) {
      assertThat(WordPieceTokenizer.of(json, new Others())).as("%s", json.path("model")).isEmpty();
    }
  }

  private static ObjectNode embedded() throws Exception {
    return (ObjectNode)
        MAPPER.readTree(TestModels.bundle("demo-qa").folder().resolve(Bundle.TOKENIZER).toFile());
  }

  private static ObjectNode changed(Consumer<ObjectNode> change) throws Exception {
    ObjectNode json = embedded();
    change.accept(json);
    return json;
  }

  private static ObjectNode normalizer(ObjectNode json) {
    return (ObjectNode) json.path("normalizer");
  }

  private static ObjectNode model(ObjectNode json) {
    return (ObjectNode) json.path("model");
  }

  private static void add(ObjectNode json, int id, AddedToken token) {
    ((ArrayNode) json.path("added_tokens")).add(token.toJson(id));
  }

  private static void renamePrefix(ObjectNode json, String from, String to) {
    ObjectNode old = (ObjectNode) model(json).path("vocab");
    ObjectNode renamed = MAPPER.createObjectNode();
    old.properties()
        .forEach(
            piece -> {
              String name = piece.getKey();
              renamed.set(
                  name.startsWith(from) ? to + name.substring(from.length()) : name,
                  piece.getValue());
            });
    model(json).put("continuing_subword_prefix", to).set("vocab", renamed);
  }
}
