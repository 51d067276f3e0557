package dev.crossencoder.model.compiler.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.compiler.tokenizer.VocabularyFiles.Merge;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VocabularyFilesTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"a\nb\nc\n", "a\nb\nc", "a\r\nb\r\nc\r\n", "a\rb\rc\r", "a\nb\r\nc"})
  void aPiecesIdIsItsLineWhateverTheLineEnds(String content) throws IOException {
    assertThat(VocabularyFiles.readPieces(write(content)))
        .containsExactlyInAnyOrderEntriesOf(Map.of("a", 0, "b", 1, "c", 2));
  }

  @Test
  void emptyLinesAndDuplicatesTakeIds() throws IOException {
    assertThat(VocabularyFiles.readPieces(write("a\n\na\n \u2028\nb\n")))
        .containsExactlyInAnyOrderEntriesOf(Map.of("", 1, "a", 2, " \u2028", 3, "b", 4));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{}"})
  void anEmptyVocabularyIsRefused(String content) throws IOException {
    Path file = write(content);

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(
            () -> {
              if (content.isEmpty()) {
                VocabularyFiles.readPieces(file);
              } else {
                VocabularyFiles.readIds(file);
              }
            })
        .withMessage("Cannot use %s, it has no pieces.", file);
  }

  @Test
  void bytesThatAreNoTextAreRefused() throws IOException {
    Path file = Files.write(folder.resolve("vocab"), new byte[] {'a', '\n', (byte) 0xff, '\n'});

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> VocabularyFiles.readPieces(file))
        .withMessage("Cannot read %s, it is not UTF-8.", file);
  }

  @Test
  void idsMayHaveGaps() throws IOException {
    assertThat(VocabularyFiles.readIds(write("{\"a\": 7, \"b\": 0, \"c\": 50264}")))
        .containsExactlyInAnyOrderEntriesOf(Map.of("a", 7, "b", 0, "c", 50264));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "1.5", "\"1\"", "4294967296", "null", "0"})
  void anIdThatIsNoneIsRefused(String id) throws IOException {
    Path file = write("{\"a\": 0, \"b\": %s}".formatted(id));

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> VocabularyFiles.readIds(file))
        .withMessage(
            "Invalid id of the piece b in %s: %s. It must be a whole number from 0 that no other piece has.",
            file, id);
  }

  /** As Python reads JSON. */
  @Test
  void ofAPieceThatIsThereTwiceTheLastCounts() throws IOException {
    assertThat(VocabularyFiles.readIds(write("{\"a\": 0, \"a\": 1}"))).containsEntry("a", 1);
  }

  /**
   * As transformers does: it drops the first line unread, and whatever follows the last line end.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "#version: 0.2\n# a\na b\n# a\n",
        "#version: 0.2\r\n# a\r\na b\r\n",
        "x y\n# a\na b\na b",
        "\n#\ta\n  a   b \nunfinished"
      })
  void theFirstAndAnUnfinishedLineAreNoMerges(String content) throws IOException {
    assertThat(VocabularyFiles.readMerges(write(content), vocabulary("#", "a", "b", "#a", "ab")))
        .containsExactly(new Merge("#", "a"), new Merge("a", "b"));
  }

  @ParameterizedTest
  @CsvSource({"'a', a", "'a b c', a b c", "'', ''"})
  void aLineThatIsNoMergeIsRefusedWithItsNumber(String line, String shown) throws IOException {
    Path file = write("#version: 0.2\na b\n" + line + "\n");

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> VocabularyFiles.readMerges(file, vocabulary("a", "b", "ab")))
        .withMessage(
            "Cannot use %s, line 3 is \"%s\". It must be two pieces with a space between them.",
            file, shown);
  }

  @ParameterizedTest
  @CsvSource({"x b, x", "a x, x", "b a, ba"})
  void aMergeOfUnknownPiecesIsRefused(String line, String piece) throws IOException {
    Path file = write("#version: 0.2\n" + line + "\n");

    assertThatExceptionOfType(InvalidModelException.class)
        .isThrownBy(() -> VocabularyFiles.readMerges(file, vocabulary("a", "b", "ab")))
        .withMessage(
            "Cannot use %s, line 2 is \"%s\", but the vocabulary has no piece %s.",
            file, line, piece);
  }

  private static Map<String, Integer> vocabulary(String... pieces) {
    Map<String, Integer> vocabulary = new HashMap<>();
    List.of(pieces).forEach(piece -> vocabulary.put(piece, vocabulary.size()));
    return vocabulary;
  }

  private Path write(String content) throws IOException {
    return Files.writeString(folder.resolve("vocab"), content, StandardCharsets.UTF_8);
  }
}
