package dev.crossencoder.model.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.compiler.tokenizer.CheckpointTokenizer;
import dev.crossencoder.model.compiler.tokenizer.TokenizerReferenceTest;
import dev.crossencoder.model.io.JsonFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A damaged character map never reaches the native library, which would take the process down. */
class CharacterMapTest {
  @TempDir private Path folder;
  private ObjectNode tokenizer;
  private byte[] map;

  @BeforeEach
  void readAMap() throws Exception {
    tokenizer = tokenizer("xlm-roberta", folder);
    map = Base64.getDecoder().decode(precompiled().path("precompiled_charsmap").asText());
  }

  private static ObjectNode tokenizer(String name, Path folder) throws Exception {
    Path checkpoint =
        TokenizerReferenceTest.unpack(TokenizerReferenceTest.recordings().resolve(name), folder);
    return TokenizerReferenceTest.read(checkpoint).json(2).deepCopy();
  }

  private ObjectNode precompiled() {
    return (ObjectNode) tokenizer.path("normalizer").path("normalizers").path(0);
  }

  @ParameterizedTest
  @ValueSource(chars = {'a', ' ', 'é', 'ß', 'ж', '東', '한', '~'})
  void aCharacterWithoutARuleStays(char c) {
    assertThat(CharacterMap.parse(map, "it").keeps(c)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(chars = {'\u00a0', '\t', '\u3000', 'ﬁ', '½', 'Ｈ', '\u0600', '\u200d'})
  void aCharacterWithARuleDoesNotStay(char c) {
    assertThat(CharacterMap.parse(map, "it").keeps(c)).isFalse();
  }

  /** Each character by itself, through the native library. */
  @Test
  void whatStaysIsWhatTheNativeLibraryLeaves() {
    CharacterMap parsed = CharacterMap.parse(map, "it");
    ObjectNode model = (ObjectNode) tokenizer.path("model");
    model.put("unk_id", 0);
    model.putArray("vocab").addArray().add("<unk>").add(0.0);
    tokenizer.putArray("added_tokens");
    tokenizer.putNull("pre_tokenizer");
    tokenizer.set("normalizer", precompiled());
    // The id of a character is 1 if it comes out of the normalizer as it was.
    ObjectNode own = tokenizer.deepCopy();
    for (char c = '!'; c < '\u2100'; c++) {
      if (Character.isLetter(c)) {
        ((ArrayNode) own.path("model").path("vocab")).addArray().add(String.valueOf(c)).add(-1.0);
      }
    }
    try (TextTokenizer library = TextTokenizer.load(own.toString())) {
      int id = 1;
      for (char c = '!'; c < '\u2100'; c++) {
        if (Character.isLetter(c)) {
          boolean same = Arrays.equals(library.ids(String.valueOf(c)), new int[] {id});
          assertThat(parsed.keeps(c)).as("U+%04X", (int) c).isEqualTo(same);
          id++;
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'', 'it has 0 bytes and a trie of -1'",
    "000000, 'it has 3 bytes and a trie of -1'",
    "00000000, 'it has 4 bytes and a trie of 0'",
    "0300000000000000, 'it has 8 bytes and a trie of 3'",
    "0800000000000000, 'it has 8 bytes and a trie of 8'",
    "ffffffff00000000, 'it has 8 bytes and a trie of 4294967295'",
    "0400000000000000, its trie leads to unit 0 of 1",
    "0400000000000000ff, its replacements are not UTF-8"
  })
  void aDamagedMapIsRefused(String hex, String reason) {
    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> CharacterMap.parse(HexFormat.of().parseHex(hex), "it"))
        .withMessage("Cannot use it, its precompiled_charsmap is damaged: %s.", reason);
  }

  @Test
  void aReplacementOutsideOfTheReplacementsIsRefused() {
    byte[] shorter = Arrays.copyOf(map, map.length - 10);

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> CharacterMap.parse(shorter, "it"))
        .withMessageMatching(
            "Cannot use it, its precompiled_charsmap is damaged: it has a replacement at offset \\d+ of \\d+ bytes\\.");
  }

  /** If this test takes its process down, the check is too weak. */
  @ParameterizedTest
  @ValueSource(strings = {"xlm-roberta", "deberta-v2"})
  void whatPassesTheCheckIsSafeToUse(String name) throws Exception {
    tokenizer = tokenizer(name, Files.createDirectory(folder.resolve(name)));
    ObjectNode step = (ObjectNode) tokenizer.path("normalizer").findParent("precompiled_charsmap");
    map = Base64.getDecoder().decode(step.path("precompiled_charsmap").asText());
    Random random = new Random(5);
    String text = "a\u00a0b\t\u3000e\u0301ﬁ½ĲＨｅ㎡\u00b4\u0600\u200d東京 😀 x\u0000\u007f\u0080\uffff";
    int used = 0;
    for (int round = 0; round < 200; round++) {
      byte[] damaged = map.clone();
      for (int i = random.nextInt(3); i >= 0; i--) {
        damaged[4 + random.nextInt(damaged.length - 4)] ^= (byte) (1 << random.nextInt(8));
      }
      try {
        CharacterMap.parse(damaged, "it");
      } catch (InvalidModelException e) {
        continue;
      }
      step.put("precompiled_charsmap", Base64.getEncoder().encodeToString(damaged));
      try (TextTokenizer use = TextTokenizer.load(tokenizer.toString())) {
        assertThat(use.ids(text)).isNotEmpty();
        used++;
      }
    }
    assertThat(used).isGreaterThan(10);
  }

  /** The native library would load it, and take the process down with the first text. */
  @Test
  void aDamagedMapOfABundleIsRefusedBeforeATextIsRead() throws Exception {
    byte[] trieThatLeadsOutside = {4, 0, 0, 0, -1, -1, -1, 0};
    precompiled()
        .put("precompiled_charsmap", Base64.getEncoder().encodeToString(trieThatLeadsOutside));
    Path file = Files.writeString(folder.resolve("tokenizer.json"), tokenizer.toString());

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> PairEncoder.load(file, 64))
        .withMessageMatching(
            "Cannot use .*/tokenizer.json, its precompiled_charsmap is damaged: its trie leads to unit \\d+ of 1\\.");
  }

  @Test
  void aMapOfABundleThatIsNoBase64IsRefused() throws Exception {
    precompiled().put("precompiled_charsmap", "?");
    Path file = Files.writeString(folder.resolve("tokenizer.json"), tokenizer.toString());

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> PairEncoder.load(file, 64))
        .withMessage("Cannot use %s, its precompiled_charsmap is not Base64.", file);
  }

  @Test
  void aCheckpointWithADamagedMapIsRefused() throws Exception {
    Path checkpoint = folder.resolve("damaged");
    Files.createDirectory(checkpoint);
    precompiled().put("precompiled_charsmap", "AAAA");
    Files.writeString(checkpoint.resolve("tokenizer.json"), tokenizer.toString());
    JsonNode config = JsonFiles.MAPPER.readTree("{\"model_type\":\"xlm-roberta\"}");

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> CheckpointTokenizer.read(checkpoint, config))
        .withMessage(
            "Cannot use the tokenizer of %s, its precompiled_charsmap is damaged: it has 3 bytes and a trie of -1.",
            checkpoint);
  }
}
