package dev.crossencoder.model.tokenizer;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.crossencoder.model.Chunk;
import dev.crossencoder.model.ChunkScore;
import dev.crossencoder.model.Chunking;
import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.PairTooLongException;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.compiler.tokenizer.TokenizerReferenceTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PairChunksTest {
  private static final String QUERY = "who wrote it?";

  /** Open until the end of the tests: the native library has no limit on tokenizers. */
  private static final Map<String, PairEncoder> ENCODERS = new ConcurrentHashMap<>();

  private static final int[] MAX_LENGTHS = {48, 63, 64, 128};
  private static final int[] OVERLAPS = {0, 1, 7, 32};

  private static final List<String> PIECES =
      List.of(
          "word",
          "the",
          "A",
          "extraordinary",
          "3.5",
          ". ",
          "! ",
          "? ",
          ".",
          ", ",
          " ",
          " ",
          "\n",
          "\r\n",
          "\r\n\r\n",
          "\n\n",
          "\t",
          "\u00a0",
          "\u3000",
          "東京",
          "。",
          "の人口",
          "😀",
          "👩\u200d👩\u200d👧",
          "🇫🇷",
          "❤\ufe0f",
          "👍\ud83c\udffd",
          "e\u0301",
          " \u0301",
          "한국어",
          "नमस्ते",
          "กำ",
          "x".repeat(120),
          "aGVsbG8=",
          "\ufffd",
          "[SEP]",
          "</s>",
          "\u200b",
          "(",
          "\u201d");

  private static final Pattern SPACE = Pattern.compile("[\\s\\p{Z}\\x1c-\\x1f]*");

  private static PairEncoder encoder(String name, int maxLength, Truncation truncation) {
    return encoder(name, maxLength, truncation, "");
  }

  private static PairEncoder encoder(
      String name, int maxLength, Truncation truncation, String prompt) {
    return ENCODERS.computeIfAbsent(
        "%s %d %s %s".formatted(name, maxLength, truncation, prompt),
        key -> {
          try {
            Path folder = Files.createTempDirectory("tokenizer");
            Path file = folder.resolve("tokenizer.json");
            Files.writeString(
                file,
                TokenizerReferenceTest.read(
                        TokenizerReferenceTest.unpack(
                            TokenizerReferenceTest.recordings().resolve(name), folder))
                    .json(2)
                    .toString());
            return PairEncoder.load(file, maxLength, truncation, prompt);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private static List<PairChunks.EncodedChunk> chunks(
      PairEncoder encoder, TextPair pair, PairText divided, Chunking chunking) {
    List<PairChunks.EncodedChunk> chunks = new ArrayList<>();
    encoder.chunks(pair, divided, chunking).forEachRemaining(chunks::add);
    return chunks;
  }

  private static List<String> passages(PairEncoder encoder, String passage, Chunking chunking) {
    return chunks(encoder, new TextPair(QUERY, passage), PairText.SECOND, chunking).stream()
        .map(chunk -> passage.substring(chunk.chunk().start(), chunk.chunk().end()))
        .toList();
  }

  private static Chunking chunking(int tokens, int overlap) {
    return new Chunking(OptionalInt.of(tokens), overlap, OptionalInt.empty(), ChunkScore.MAX);
  }

  private static void assertSameTokens(EncodedPair actual, EncodedPair expected) {
    assertThat(actual.inputIds()).isEqualTo(expected.inputIds());
    assertThat(actual.tokenTypeIds()).isEqualTo(expected.tokenTypeIds());
    assertThat(actual.truncated()).isEqualTo(expected.truncated());
  }

  @Test
  void aTextThatFitsIsNotDivided() {
    PairEncoder encoder = encoder("bert", 64, Truncation.LONGEST_FIRST);
    TextPair pair = new TextPair(QUERY, "It was a woman. She lived in Rome.");

    List<PairChunks.EncodedChunk> chunks = chunks(encoder, pair, PairText.SECOND, Chunking.DEFAULT);

    assertThat(chunks).hasSize(1);
    assertThat(chunks.get(0).chunk()).isNull();
    assertSameTokens(chunks.get(0).pair(), encoder.encode(pair));
  }

  @Test
  void aTextIsNotDividedBecauseTheOtherOneIsTooLong() {
    PairEncoder encoder = encoder("bert", 32, Truncation.LONGEST_FIRST);
    TextPair pair = new TextPair("who is it? ".repeat(50), "It was a woman.");

    List<PairChunks.EncodedChunk> chunks = chunks(encoder, pair, PairText.SECOND, Chunking.DEFAULT);

    assertThat(chunks).hasSize(1);
    assertThat(chunks.get(0).chunk()).isNull();
    assertThat(chunks.get(0).pair().truncated()).isTrue();
    assertSameTokens(chunks.get(0).pair(), encoder.encode(pair));
  }

  @Test
  void chunksEndWithSentencesAndRepeatTheLastOne() {
    PairEncoder encoder = encoder("bert", 512, Truncation.LONGEST_FIRST);
    String sentence = "a b c d e f g. ";
    String passage = "a ".repeat(600).trim() + ". \n" + "A b c d e f g. ".repeat(4);

    assertThat(passages(encoder, passage, chunking(512, 10)))
        .last()
        .asString()
        .endsWith("g.")
        .startsWith("a a a");
    assertThat(passages(encoder, ("A" + sentence.substring(1)).repeat(100), chunking(20, 9)))
        .startsWith("A b c d e f g. A b c d e f g.", "A b c d e f g. A b c d e f g.")
        .allMatch(chunk -> chunk.startsWith("A b") && chunk.endsWith("g."));
  }

  @Test
  void aLongSentenceEndsAndBeginsAtWords() {
    PairEncoder encoder = encoder("bert", 32, Truncation.LONGEST_FIRST);

    List<String> chunks = passages(encoder, "a b c d ".repeat(60), chunking(12, 3));

    assertThat(chunks)
        .startsWith(
            "a b c d a b c d a b c d", "b c d a b c d a b c d a", "c d a b c d a b c d a b");
  }

  @Test
  void nothingIsRepeatedWithoutOverlap() {
    PairEncoder encoder = encoder("bert", 32, Truncation.LONGEST_FIRST);
    String passage = "a b c d ".repeat(60).trim();

    assertThat(String.join(" ", passages(encoder, passage, chunking(13, 0)))).isEqualTo(passage);
  }

  @Test
  void theNumberOfChunksIsLimited() {
    PairEncoder encoder = encoder("bert", 32, Truncation.LONGEST_FIRST);
    Chunking two = new Chunking(OptionalInt.empty(), 0, OptionalInt.of(2), ChunkScore.MAX);
    PairChunks chunks =
        encoder.chunks(new TextPair(QUERY, "word ".repeat(100)), PairText.SECOND, two);

    chunks.next();
    chunks.next();

    assertThat(chunks.hasNext()).isFalse();
    assertThat(chunks.textLeft()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(Truncation.class)
  void thePremiseIsDividedBesideItsHypothesis(Truncation truncation) {
    PairEncoder encoder = encoder("bert", 32, truncation, "query: ");
    TextPair pair = new TextPair("A man sleeps. A dog runs. ".repeat(20), "It is a dog.");

    List<PairChunks.EncodedChunk> chunks = chunks(encoder, pair, PairText.FIRST, Chunking.DEFAULT);

    assertThat(chunks).hasSizeGreaterThan(5);
    for (PairChunks.EncodedChunk chunk : chunks) {
      String text = pair.text().substring(chunk.chunk().start(), chunk.chunk().end());
      assertThat(chunk.pair().truncated()).isFalse();
      assertSameTokens(chunk.pair(), encoder.encode(new TextPair(text, pair.textPair())));
    }
  }

  @Test
  void aLongQueryKeepsHalfOfTheTokensBesideAChunk() {
    for (int maxLength : new int[] {31, 32}) {
      PairEncoder encoder = encoder("bert", maxLength, Truncation.LONGEST_FIRST);
      TextPair pair = new TextPair("who is it ".repeat(90), "a b c d e f g h ".repeat(90));

      List<PairChunks.EncodedChunk> chunks =
          chunks(encoder, pair, PairText.SECOND, Chunking.DEFAULT);

      assertThat(chunks.get(0).pair().truncated()).isTrue();
      assertThat(chunks.get(0).chunk().end()).isEqualTo(2 * ((maxLength - 3) / 2) - 1);
    }
  }

  @Test
  void aQueryThatStaysWholeMustLeaveRoomForChunks() {
    PairEncoder encoder = encoder("bert", 32, Truncation.ONLY_SECOND);
    TextPair pair = new TextPair("a ".repeat(23), "b ".repeat(90));

    assertThatExceptionOfType(PairTooLongException.class)
        .isThrownBy(() -> encoder.chunks(pair, PairText.SECOND, Chunking.DEFAULT))
        .withMessage(
            "The pair does not fit: its first text has at least 23 tokens, there is room for 29 in both texts, and truncation only_second keeps it whole, so it must leave a quarter of them to the chunks of the other text. Shorten the first text, raise the max length, or choose the truncation longest_first.");
    assertThat(
            chunks(
                encoder,
                new TextPair("a ".repeat(22), "b ".repeat(90)),
                PairText.SECOND,
                Chunking.DEFAULT))
        .allMatch(chunk -> !chunk.pair().truncated());
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "roberta", "xlm-roberta"})
  void whiteSpaceIsOneChunk(String tokenizer) {
    PairEncoder encoder = encoder(tokenizer, 32, Truncation.LONGEST_FIRST);
    TextPair pair = new TextPair(QUERY, " \n".repeat(1000));

    List<PairChunks.EncodedChunk> chunks = chunks(encoder, pair, PairText.SECOND, Chunking.DEFAULT);

    assertThat(chunks).hasSize(1);
    assertSameTokens(chunks.get(0).pair(), encoder.encode(pair));
  }

  @ParameterizedTest
  @CsvSource({
    "roberta, 👩\u200d👩\u200d👧",
    "roberta, 🇫🇷",
    "xlm-roberta, e\u0301\u0323",
    "bert, 東"
  })
  void aLongWordIsDividedBetweenClusters(String tokenizer, String cluster) {
    PairEncoder encoder = encoder(tokenizer, 64, Truncation.LONGEST_FIRST);
    String passage = cluster.repeat(500);

    assertThat(passages(encoder, passage, chunking(40, 0)))
        .allMatch(chunk -> chunk.replace(cluster, "").isEmpty())
        .satisfies(all -> assertThat(String.join("", all)).isEqualTo(passage));
  }

  @Test
  void aClusterThatNoChunkCanContainIsDividedBetweenCharacters() {
    PairEncoder encoder = encoder("roberta", 32, Truncation.LONGEST_FIRST);
    String passage = "a" + "\ud835\udd6c\u0301".repeat(1) + "\u0301".repeat(400) + " and on";

    List<PairChunks.EncodedChunk> chunks =
        chunks(encoder, new TextPair(QUERY, passage), PairText.SECOND, Chunking.DEFAULT);

    assertThat(chunks).allMatch(chunk -> !chunk.pair().truncated());
    assertThat(chunks.get(chunks.size() - 1).chunk().end()).isEqualTo(passage.length());
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "roberta", "xlm-roberta"})
  void chunksCoverTheTextInOrderAndEachFits(String tokenizer) {
    Random random = new Random(23);
    for (int round = 0; round < 60; round++) {
      String text = text(random, 1 + random.nextInt(400));
      int maxLength = MAX_LENGTHS[random.nextInt(MAX_LENGTHS.length)];
      assertCovered(tokenizer, text, maxLength, OVERLAPS[random.nextInt(OVERLAPS.length)]);
    }
  }

  private static String text(Random random, int pieces) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < pieces; i++) {
      text.append(PIECES.get(random.nextInt(PIECES.size())));
    }
    return text.toString();
  }

  private static void assertCovered(String tokenizer, String text, int maxLength, int overlap) {
    PairEncoder encoder = encoder(tokenizer, maxLength, Truncation.LONGEST_FIRST);
    TextPair pair = new TextPair(QUERY, text);
    Chunking chunking =
        new Chunking(OptionalInt.empty(), overlap, OptionalInt.empty(), ChunkScore.MAX);

    List<PairChunks.EncodedChunk> chunks = chunks(encoder, pair, PairText.SECOND, chunking);

    if (chunks.get(0).chunk() == null) {
      assertThat(chunks).hasSize(1);
      assertSameTokens(chunks.get(0).pair(), encoder.encode(pair));
      return;
    }
    Set<Integer> boundaries = boundaries(text);
    Chunk before = new Chunk(-1, -1, 0);
    for (PairChunks.EncodedChunk encoded : chunks) {
      Chunk chunk = encoded.chunk();
      assertThat(chunk.index()).isEqualTo(before.index() + 1);
      assertThat(chunk.start()).isGreaterThan(before.start()).isLessThan(chunk.end());
      assertThat(chunk.end()).isGreaterThan(before.end());
      assertThat(boundaries).contains(chunk.start(), chunk.end());
      if (chunk.start() > before.end()) {
        assertThat(text.substring(before.end(), chunk.start())).matches(SPACE);
      } else {
        // The white space before a word may be tokens of its own.
        assertThat(encoder.countTokens(text.substring(chunk.start(), before.end())))
            .isLessThanOrEqualTo(overlap + 1);
      }
      assertThat(encoded.pair().truncated()).isFalse();
      assertSameTokens(
          encoded.pair(),
          encoder.encode(new TextPair(QUERY, text.substring(chunk.start(), chunk.end()))));
      before = chunk;
    }
    assertThat(text.substring(before.end())).matches(SPACE);
  }

  private static Set<Integer> boundaries(String text) {
    Set<Integer> boundaries = new HashSet<>(Set.of(0));
    Matcher clusters = Pattern.compile("\\X").matcher(text);
    while (clusters.find()) {
      boundaries.add(clusters.end());
    }
    return boundaries;
  }

  @ParameterizedTest
  @CsvSource({
    "bert, 'word '",
    "bert, 'Aa bb. '",
    "bert, x",
    "bert, 東",
    "bert, .(",
    "roberta, 'word '",
    "roberta, x",
    "roberta, 😀",
    "roberta, a\u0301",
    "xlm-roberta, 'word '",
    "xlm-roberta, xy"
  })
  @Timeout(value = 120, unit = SECONDS)
  void aVeryLongTextIsDividedInLinearTime(String tokenizer, String unit) {
    PairEncoder encoder = encoder(tokenizer, 512, Truncation.LONGEST_FIRST);
    String text = unit.repeat((1 << 17) / unit.length());
    PairChunks chunks =
        encoder.chunks(new TextPair(QUERY, text), PairText.SECOND, Chunking.DEFAULT);

    int end = 0;
    while (chunks.hasNext()) {
      Chunk chunk = chunks.next().chunk();
      end = chunk == null ? text.length() : chunk.end();
    }

    assertThat(text.substring(end)).isBlank();
  }

  /** Characters without tokens cost nothing of the overlap, however many they are. */
  @ParameterizedTest
  @ValueSource(strings = {"\u200b\n\n", "tower                                        \n\n"})
  @Timeout(value = 60, unit = SECONDS)
  void unitsWithFewTokensAreNotRepeatedByEachChunk(String unit) {
    PairEncoder encoder = encoder("bert", 512, Truncation.LONGEST_FIRST);
    String text = "tower ".repeat(600) + "\n\n" + unit.repeat(60_000 / unit.length());
    PairChunks chunks =
        encoder.chunks(new TextPair(QUERY, text), PairText.SECOND, Chunking.DEFAULT);

    int count = 0;
    while (chunks.hasNext()) {
      chunks.next();
      count++;
    }

    assertThat(count).isBetween(2, 60);
  }
}
