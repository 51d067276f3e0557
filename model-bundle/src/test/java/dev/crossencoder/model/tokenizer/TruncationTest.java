package dev.crossencoder.model.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.PairTooLongException;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.io.JsonFiles;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import dev.crossencoder.model.testing.TestModels;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Pairs are cut as the tokenizers library cuts them, with each of its strategies. */
class TruncationTest {
  private static final int WORDS = 91;
  private static final int SPECIAL = 3;

  @TempDir private Path folder;

  /** The file says with what it was made. Long texts are cut before they are tokenized. */
  @ParameterizedTest
  @EnumSource(Truncation.class)
  void theTokensThatStayAreThoseOfTheLibrary(Truncation truncation) throws IOException {
    JsonNode recorded;
    try (InputStream in = TruncationTest.class.getResourceAsStream("truncation.json")) {
      recorded = JsonFiles.MAPPER.readTree(in);
    }
    int compared = 0;
    for (JsonNode row : recorded.path("cases")) {
      if (!row.path("strategy").asText().equals(truncation.key())) {
        continue;
      }
      boolean left = row.path("side").asText().equals("left");
      String[] cells = row.path("kept").asText().split(" ", -1);
      Path file = tokenizer(left);
      try (PairEncoder encoder = PairEncoder.load(file, row.path("max").asInt(), truncation, "")) {
        for (JsonNode first : recorded.path("lengths")) {
          for (JsonNode second : recorded.path("lengths")) {
            int number = compared % cells.length;
            check(encoder, first.asInt(), second.asInt(), cells[number], left);
            compared++;
          }
        }
      }
    }
    assertThat(compared).isGreaterThan(1400);
  }

  private static void check(
      PairEncoder encoder, int first, int second, String expected, boolean left) {
    TextPair pair = new TextPair(words("w", first), words("v", second));
    String name = "%d and %d tokens".formatted(first, second);
    if (expected.equals("-")) {
      PairTooLongException e =
          catchThrowableOfType(PairTooLongException.class, () -> encoder.encode(pair));
      assertThat(e).as(name).isNotNull();
      assertThat(e.getMessage()).doesNotContain("w0").doesNotContain("v0");
      return;
    }
    String[] kept = expected.split("\\+", -1);
    int keptFirst = Integer.parseInt(kept[0]);
    int keptSecond = Integer.parseInt(kept[1]);
    List<Integer> ids = new ArrayList<>();
    ids.add(0);
    addKept(ids, SPECIAL, first, keptFirst, left);
    ids.add(1);
    addKept(ids, SPECIAL + WORDS, second, keptSecond, left);
    ids.add(1);

    EncodedPair encoded = encoder.encode(pair);

    assertThat(encoded.inputIds())
        .as(name)
        .containsExactly(ids.stream().mapToInt(i -> i).toArray());
    assertThat(encoded.truncated()).as(name).isEqualTo(keptFirst + keptSecond < first + second);
  }

  private static void addKept(List<Integer> ids, int firstId, int length, int kept, boolean left) {
    int start = left ? length - kept : 0;
    IntStream.range(start, start + kept).forEach(i -> ids.add(firstId + i));
  }

  private static String words(String prefix, int count) {
    return IntStream.range(0, count).mapToObj(i -> prefix + i).collect(Collectors.joining(" "));
  }

  private Path tokenizer(boolean left) throws IOException {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("version", "1.0");
    if (left) {
      root.putObject("truncation")
          .put("direction", "Left")
          .put("max_length", 512)
          .put("strategy", "LongestFirst")
          .put("stride", 0);
    }
    root.putObject("normalizer")
        .put("type", "BertNormalizer")
        .put("clean_text", true)
        .put("handle_chinese_chars", true)
        .putNull("strip_accents")
        .put("lowercase", true);
    root.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
    root.set("post_processor", TokenizerJson.bertTemplate("[CLS]", 0, "[SEP]", 1));
    ArrayNode added = root.putArray("added_tokens");
    ObjectNode vocabulary = JsonNodeFactory.instance.objectNode();
    for (String special : List.of("[CLS]", "[SEP]", "[UNK]")) {
      added
          .addObject()
          .put("id", vocabulary.size())
          .put("content", special)
          .put("single_word", false)
          .put("lstrip", false)
          .put("rstrip", false)
          .put("normalized", false)
          .put("special", true);
      vocabulary.put(special, vocabulary.size());
    }
    for (String prefix : List.of("w", "v")) {
      for (int i = 0; i < WORDS; i++) {
        vocabulary.put(prefix + i, vocabulary.size());
      }
    }
    root.putObject("model")
        .put("type", "WordPiece")
        .put("unk_token", "[UNK]")
        .put("continuing_subword_prefix", "##")
        .put("max_input_chars_per_word", 100)
        .set("vocab", vocabulary);
    return Files.writeString(folder.resolve("tokenizer.json"), root.toString());
  }

  @Test
  void aPairThatCannotBeCutSaysHowManyTokensThereAreAndWhatToDo() throws IOException {
    try (PairEncoder encoder = PairEncoder.load(tokenizer(false), 13, Truncation.ONLY_SECOND, "")) {
      assertThatExceptionOfType(PairTooLongException.class)
          .isThrownBy(() -> encoder.encode(new TextPair(words("w", 11), words("v", 2))))
          .withMessage(
              "The pair does not fit: its first text has at least 11 tokens, there is room for 10 in both texts, and truncation only_second shortens the second text alone. Shorten the first text, raise the max length, or choose the truncation longest_first.");
    }
  }

  @ParameterizedTest
  @EnumSource(Truncation.class)
  void everyModelIsWarmedUpWhateverIsCut(Truncation truncation) {
    CrossEncoderOptions options =
        CrossEncoderOptions.DEFAULT
            .withTruncation(truncation)
            .withMaxLength(4)
            .withPrompt("a prompt of more than four tokens ");
    try (CrossEncoder model = CrossEncoder.open(TestModels.bundle("demo-qa"), options)) {
      model.warmUp();
    }
  }

  @ParameterizedTest
  @EnumSource(Truncation.class)
  void aTruncationIsFoundByTheNameThatTheLibraryGivesIt(Truncation truncation) {
    assertThat(Truncation.parse(truncation.key())).isEqualTo(truncation);
  }

  @Test
  void anotherNameIsRefusedWithTheKnownOnes() {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> Truncation.parse("do_not_truncate"))
        .withMessage(
            "Invalid truncation: do_not_truncate. It must be one of longest_first, only_second, only_first.");
  }
}
