package dev.crossencoder.model.tokenizer;

import static dev.crossencoder.model.tokenizer.TokenizerComparison.assertSame;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.model.compiler.tokenizer.AddedToken;
import dev.crossencoder.model.tokenizer.TokenizerComparison.Others;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the tokenizer says of a text is what the native one says. */
class ByteLevelTokenizerTest {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final int FEW = 1_500;
  private static final int MANY = 8_000;
  private static final int MERGES = 1_500;

  /** RoBERTa's tokenizer with merges of its own, and what else a published one may be. */
  private enum Variant {
    ROBERTA,
    COMPOSED,
    MORE_ADDED_TOKENS,
    OLD_MERGES;

    ObjectNode json() {
      ObjectNode json = roberta();
      switch (this) {
        case ROBERTA -> {}
        case COMPOSED -> json.putObject("normalizer").put("type", "NFC");
        case MORE_ADDED_TOKENS -> {
          add(json, 90_001, new AddedToken("[Q]", false, true, false, true, false));
          add(json, 90_002, new AddedToken("the", true, false, false, false, false));
          add(json, 90_003, new AddedToken("7", false, false, false, false, false));
        }
        case OLD_MERGES -> {
          ArrayNode merges = (ArrayNode) json.path("model").path("merges");
          List<String> lines = new ArrayList<>();
          merges.forEach(pair -> lines.add(pair.path(0).asText() + " " + pair.path(1).asText()));
          merges.removeAll();
          lines.forEach(merges::add);
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
          " ",
          "  ",
          "   ",
          "\n",
          "\n\n",
          "\t",
          "\r\n",
          " \n ",
          "\u000b",
          "\f",
          "\u0085",
          "\u00a0",
          "\u00a0 ",
          "\u1680",
          "\u2000",
          "\u2003",
          "\u2028",
          "\u3000",
          "\u200b",
          "\ufeff",
          "\ufffd",
          "\ud83d",
          "\ude00",
          "\u0000",
          "\u001c",
          "\u007f",
          "the",
          "The",
          "lighthouse",
          "unquestionably",
          "tokenization",
          "zqx",
          "s",
          "t",
          "x1y2",
          "1987",
          "3,200",
          "41",
          "½",
          "²",
          "Ⅷ",
          "٣",
          ".",
          ",",
          "?",
          "!!",
          "...",
          "--",
          "'",
          "''",
          "'s",
          "'S",
          "'t",
          "'re",
          "'ve",
          "'m",
          "'ll",
          "'d",
          "'same",
          "don't",
          "we'll've",
          "’s",
          "e-mail",
          "a/b",
          "$$",
          "&",
          "(",
          "_",
          "~",
          "`",
          "<",
          "</s>",
          "<s>",
          "<mask>",
          "<mask",
          "<pad>",
          "[Q]",
          "[q]",
          "é",
          "café",
          "naïve",
          "e\u0301",
          "\u0301",
          "ß",
          "İ",
          "ﬁ",
          "–",
          "“so”",
          "€",
          "°",
          "×",
          "東京",
          "の",
          "が",
          "か\u3099",
          "привет",
          "мир",
          "Ελλάς",
          "שלום",
          "한국어",
          "हिन्दी",
          "😀",
          "\u212b",
          "\u037e",
          "Ａ",
          "ﾞ",
          "x".repeat(99),
          "zq".repeat(120));

  /** Merges of random neighbours in the pieces above, so that each of them is used. */
  private static ObjectNode roberta() {
    ObjectNode json = TokenizerJson.empty();
    json.set("pre_tokenizer", TokenizerJson.byteLevel(MAPPER.getNodeFactory().booleanNode(false)));
    ObjectNode model = json.putObject("model").put("type", "BPE");
    model.putNull("dropout").putNull("unk_token");
    model.put("continuing_subword_prefix", "").put("end_of_word_suffix", "");
    model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
    ObjectNode vocabulary = model.putObject("vocab");
    ArrayNode merges = model.putArray("merges");
    List<String> bytes = new ArrayList<>();
    char next = 256;
    for (int b = 0; b < 256; b++) {
      boolean kept = (b > 32 && b < 127) || (b > 160 && b != 173);
      bytes.add(String.valueOf(kept ? (char) b : next++));
      vocabulary.put(bytes.get(b), b);
    }
    Random random = new Random(4);
    List<List<String>> words = new ArrayList<>();
    for (String piece : PIECES) {
      for (String text : List.of(piece, " " + piece)) {
        List<String> word = new ArrayList<>();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
          word.add(bytes.get(b & 0xFF));
        }
        words.add(word);
      }
    }
    for (int i = 0; i < MERGES; i++) {
      List<String> word = words.get(random.nextInt(words.size()));
      if (word.size() > 1) {
        int at = random.nextInt(word.size() - 1);
        String left = word.get(at);
        String right = word.get(at + 1);
        if (!vocabulary.has(left + right)) {
          vocabulary.put(left + right, vocabulary.size());
          merges.addArray().add(left).add(right);
        }
        word.set(at, left + right);
        word.remove(at + 1);
      }
    }
    int id = 80_000;
    for (String token : List.of("<s>", "<pad>", "</s>", "<unk>")) {
      add(json, id++, new AddedToken(token, false, false, false, true, true));
    }
    add(json, id, new AddedToken("<mask>", false, true, false, true, true));
    return json;
  }

  private static void add(ObjectNode json, int id, AddedToken token) {
    ((ObjectNode) json.path("model").path("vocab")).put(token.content(), id);
    ((ArrayNode) json.path("added_tokens")).add(token.toJson(id));
  }

  @ParameterizedTest
  @EnumSource(Variant.class)
  void mixedTextsHaveTheIdsOfTheNativeTokenizer(Variant variant) {
    assertMixedTextsAreTheSame(variant, 5, FEW);
  }

  @ParameterizedTest
  @EnumSource(Variant.class)
  @Tag("full")
  void manyMixedTextsHaveTheIdsOfTheNativeTokenizer(Variant variant) {
    assertMixedTextsAreTheSame(variant, 6, MANY);
  }

  private static void assertMixedTextsAreTheSame(Variant variant, int seed, int texts) {
    ObjectNode json = variant.json();
    Random random = new Random(seed);
    try (TextTokenizer expected = TextTokenizer.load(json.toString())) {
      TextIds tokenizer = ByteLevelTokenizer.of(json, expected).orElseThrow();
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
  void textsOfRandomCharactersHaveTheIdsOfTheNativeTokenizer(Variant variant) {
    String blocks =
        "\u0000\u007f ~\u0080\u00ff\u0100\u024f\u0300\u036f\u0370\u03ff\u0400\u052f\u1e00\u1eff"
            + "\u2000\u206f\u3000\u30ff\u4e00\u9fff\uac00\uad00\uff00\uffef";
    ObjectNode json = variant.json();
    Random random = new Random(7);
    try (TextTokenizer expected = TextTokenizer.load(json.toString())) {
      TextIds tokenizer = ByteLevelTokenizer.of(json, expected).orElseThrow();
      for (int round = 0; round < FEW; round++) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(30); i >= 0; i--) {
          int block = 2 * random.nextInt(blocks.length() / 2);
          for (int j = random.nextInt(4); j >= 0; j--) {
            text.append((char) random.nextInt(blocks.charAt(block), blocks.charAt(block + 1) + 1));
          }
          text.append(" ".repeat(random.nextInt(3)));
        }
        assertSame(tokenizer, expected, text.toString());
      }
    }
  }

  @Test
  void everyCharacterIsReadAsByTheNativeTokenizer() {
    assertEveryCharacterIsTheSame(Variant.ROBERTA);
  }

  @Test
  @Tag("full")
  void everyCharacterIsReadAsByTheNativeTokenizerThatComposes() {
    assertEveryCharacterIsTheSame(Variant.COMPOSED);
  }

  /** Beside a letter, a number, a symbol and itself, so that the ids show its class. */
  private static void assertEveryCharacterIsTheSame(Variant variant) {
    ObjectNode json = variant.json();
    try (TextTokenizer expected = TextTokenizer.load(json.toString())) {
      TextIds tokenizer = ByteLevelTokenizer.of(json, expected).orElseThrow();
      for (int c = 0; c <= Character.MAX_VALUE; c++) {
        assertSame(tokenizer, expected, "a@b 1@2 ,@. @@  @".replace('@', (char) c));
      }
    }
  }

  @Test
  void aWordThatIsNotCachedIsTheSameAsOneThatIs() {
    ObjectNode json = Variant.ROBERTA.json();
    try (TextTokenizer expected = TextTokenizer.load(json.toString())) {
      TextIds tokenizer = ByteLevelTokenizer.of(json, expected).orElseThrow();
      for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 50_000; i++) {
          String word = "w" + i;
          if (round == 1 && i % 50 != 0) {
            continue;
          }
          assertSame(tokenizer, expected, word);
        }
      }
    }
  }

  @Test
  void commonScriptsNeedNoOtherTokenizer() {
    Others others = new Others();
    TextIds tokenizer = ByteLevelTokenizer.of(Variant.ROBERTA.json(), others).orElseThrow();

    for (String text :
        List.of(
            "Who wrote it, in 1843?\tNobody knows!",
            "Où est l’école “Zürich” – ¿qué?",
            "Кто построил маяк? Ποιος έγραψε αυτό; 誰が灯台を建てたか。")) {
      assertThat(tokenizer.ids(text)).hasSizeGreaterThan(8);
    }
    assertThat(others.texts()).isEmpty();
  }

  @Test
  void neighboursThatAreNotKnownGoToTheOtherTokenizerTogether() {
    Others others = new Others();
    TextIds tokenizer = ByteLevelTokenizer.of(Variant.ROBERTA.json(), others).orElseThrow();

    tokenizer.ids("a café,  한국\n<s> was b in 😀 " + "y".repeat(300));

    assertThat(others.texts()).containsExactly("  한국\n<s>", " 😀 " + "y".repeat(300));
  }

  @Test
  void aTokenizerThatIsNotKnownIsLeftToTheNativeOne() {
    List<Consumer<ObjectNode>> changes =
        List.of(
            json -> model(json).put("type", "Unigram"),
            json -> model(json).put("unk_token", "<unk>"),
            json -> model(json).put("dropout", 0.1),
            json -> model(json).put("byte_fallback", true),
            json -> model(json).put("ignore_merges", true),
            json -> model(json).put("end_of_word_suffix", "</w>"),
            json -> ((ObjectNode) model(json).path("vocab")).remove("a"),
            json -> ((ObjectNode) json.path("pre_tokenizer")).put("add_prefix_space", true),
            json -> ((ObjectNode) json.path("pre_tokenizer")).put("use_regex", false),
            json -> json.putObject("normalizer").put("type", "Lowercase"),
            json ->
                add(json, 90_001, new AddedToken("two words", false, false, false, true, false)),
            json -> add(json, 90_001, new AddedToken("<r>", false, false, true, true, false)));

    for (Consumer<ObjectNode> change : changes) {
      ObjectNode json = Variant.ROBERTA.json();
      change.accept(json);
      assertThat(ByteLevelTokenizer.of(json, new Others())).isEmpty();
    }
  }

  private static ObjectNode model(ObjectNode json) {
    return (ObjectNode) json.path("model");
  }
}
