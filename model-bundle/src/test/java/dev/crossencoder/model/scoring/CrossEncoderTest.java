package dev.crossencoder.model.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.crossencoder.model.Activation;
import dev.crossencoder.model.BatchLimits;
import dev.crossencoder.model.RankedPassage;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.compiler.BundleBuilder;
import dev.crossencoder.model.testing.TestModels;
import dev.crossencoder.model.testing.TinyCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The embedded models through the public interface. */
class CrossEncoderTest {
  private static final TextPair CONTRADICTION =
      new TextPair(
          "A woman in a yellow raincoat is repairing a bicycle.", "The woman is asleep on a sofa.");
  private static final String QUERY = "who discovered penicillin?";
  private static final List<String> PASSAGES =
      List.of(
          "The station is closed on Sundays.",
          "Penicillin was discovered by Alexander Fleming in 1928.",
          "Penicillin is an antibiotic.",
          "The station is closed on Sundays.");

  @TempDir private static Path folder;
  private static Path threeLabels;
  private static CrossEncoder qa;
  private static CrossEncoder nli;

  @BeforeAll
  static void open() throws IOException {
    threeLabels = folder.resolve("bundle");
    BundleBuilder.fromCheckpoint(
            TinyCheckpoint.withLabels("first", "second", "third")
                .writeTo(folder.resolve("checkpoint")))
        .build(threeLabels);
    qa = TestModels.open("demo-qa");
    nli = TestModels.open("demo-nli");
  }

  @AfterAll
  static void close() {
    qa.close();
    nli.close();
  }

  @Test
  void aModelWithOneLabelGivesItsActivatedLogit() {
    Score score = qa.score(new TextPair(QUERY, PASSAGES.get(1)));

    assertThat(score.logits()).hasSize(1);
    assertThat(score.score()).isEqualTo(sigmoid(score.logits().get(0)));
    assertThat(score.label()).isNull();
    assertThat(score.scores()).isEmpty();
    assertThat(score.truncated()).isFalse();
    assertThat(score.isFinite()).isTrue();
  }

  @Test
  void aModelWithSeveralLabelsNamesTheWinner() {
    Score score = nli.score(CONTRADICTION);

    assertThat(score.label()).isEqualTo("contradiction");
    assertThat(score.scores().keySet()).containsExactly("contradiction", "entailment", "neutral");
    assertThat(score.scores().values()).containsExactlyElementsOf(score.logits());
    assertThat(score.score()).isEqualTo(score.scores().get("contradiction"));
  }

  @ParameterizedTest
  @EnumSource(Activation.class)
  void theUsersActivationWins(Activation activation) {
    TextPair pair = new TextPair("who wrote the book?", "it was a.");
    CrossEncoderOptions options = CrossEncoderOptions.DEFAULT.withActivation(activation);
    Score plain;
    try (CrossEncoder model = CrossEncoder.open(threeLabels)) {
      plain = model.score(pair);
    }
    try (CrossEncoder model = CrossEncoder.open(threeLabels, options)) {
      Score score = model.score(pair);

      assertThat(model.scoreFunction()).isEqualTo(activation);
      assertThat(score.logits()).isEqualTo(plain.logits());
      assertThat(score.label()).isEqualTo(plain.label());
      float[] logits = new float[3];
      for (int i = 0; i < logits.length; i++) {
        logits[i] = score.logits().get(i);
      }
      float[] expected = activation.apply(logits);
      assertThat(score.scores())
          .isEqualTo(Map.of("first", expected[0], "second", expected[1], "third", expected[2]));
      assertThat(score.score()).isEqualTo(score.scores().get(plain.label()));
    }
  }

  @Test
  void withoutAChoiceTheModelsActivationIsUsed() {
    assertThat(qa.scoreFunction()).isEqualTo(Activation.SIGMOID);
    assertThat(nli.scoreFunction()).isEqualTo(Activation.IDENTITY);
  }

  @Test
  void noPairsHaveNoScores() {
    assertThat(qa.score(List.of())).isEmpty();
    assertThat(qa.scoreBatch(List.of())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"1, 4096", "2, 4096", "32, 1", "32, 40"})
  void theLimitsDoNotChangeOrderOrScores(int maxPairs, int maxTokens) {
    List<TextPair> pairs = pairs(20);
    CrossEncoderOptions options =
        CrossEncoderOptions.DEFAULT.withLimits(new BatchLimits(maxPairs, maxTokens));
    try (CrossEncoder model = CrossEncoder.open(TestModels.bundle("demo-qa"), options)) {
      assertSameScores(model.score(pairs), qa.score(pairs));
    }
  }

  @Test
  void passagesAreRankedBestFirst() {
    List<RankedPassage> ranked = qa.rank(QUERY, PASSAGES, 10);

    assertThat(ranked).extracting(RankedPassage::corpusId).startsWith(1).hasSize(4);
    assertThat(ranked)
        .extracting(passage -> (double) passage.score().score())
        .isSortedAccordingTo((a, b) -> Double.compare(b, a));
    assertThat(ranked)
        .allSatisfy(
            passage -> assertThat(passage.passage()).isEqualTo(PASSAGES.get(passage.corpusId())));
  }

  @Test
  void topKKeepsTheBest() {
    List<RankedPassage> all = qa.rank(QUERY, PASSAGES, PASSAGES.size());

    assertThat(qa.rank(QUERY, PASSAGES, 2)).isEqualTo(all.subList(0, 2));
  }

  @Test
  void passagesWithEqualScoresKeepTheirOrder() {
    assertThat(qa.rank(QUERY, Collections.nCopies(4, PASSAGES.get(1)), 4))
        .extracting(RankedPassage::corpusId)
        .containsExactly(0, 1, 2, 3);
  }

  @Test
  void noPassagesHaveNoRanking() {
    assertThat(qa.rank(QUERY, List.of(), 5)).isEmpty();
  }

  @Test
  void aModelWithSeveralLabelsDoesNotRank() {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> nli.rank(QUERY, PASSAGES, 2))
        .withMessage(
            "Cannot rank with demo-nli, it has 3 labels. Ranking takes a model with one label.");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1})
  void topNMustBePositive(int topN) {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> qa.rank(QUERY, PASSAGES, topN))
        .withMessage("Invalid topN: %d. It must be positive.", topN);
  }

  @Test
  void aSmallerLengthCutsEarlier() {
    TextPair pair = new TextPair(QUERY, PASSAGES.get(1));
    CrossEncoderOptions options = CrossEncoderOptions.DEFAULT.withMaxLength(12);
    try (CrossEncoder model = CrossEncoder.open(TestModels.bundle("demo-qa"), options)) {
      assertThat(model.encode(pair).length()).isEqualTo(12);
      assertThat(model.score(pair).truncated()).isTrue();
    }
    assertThat(qa.score(pair).truncated()).isFalse();
  }

  @Test
  void aLengthThatTheModelCannotReadIsRefused() {
    CrossEncoderOptions options = CrossEncoderOptions.DEFAULT.withMaxLength(513);

    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> CrossEncoder.open(TestModels.bundle("demo-qa"), options))
        .withMessage("Invalid max length: 513. The model demo-qa reads at most 512 tokens.");
  }

  @Test
  void aPairAsLongAsTheModelReadsIsScored() {
    Score score = qa.score(new TextPair(QUERY, "fleming ".repeat(2_000)));

    assertThat(score.truncated()).isTrue();
    assertThat(score.isFinite()).isTrue();
  }

  @Test
  void twoEmptyTextsAreScored() {
    assertThat(qa.score(new TextPair("", "")).isFinite()).isTrue();
  }

  @Test
  void severalThreadsAtOnceGetTheScoresOfOne() throws Exception {
    int threads = 4;
    List<TextPair> pairs = pairs(24);
    List<Score> expected = qa.score(pairs);
    CyclicBarrier start = new CyclicBarrier(threads);
    Callable<List<Score>> scoring =
        () -> {
          start.await(30, TimeUnit.SECONDS);
          return qa.score(pairs);
        };
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<List<Score>>> results = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        results.add(pool.submit(scoring));
      }
      for (Future<List<Score>> result : results) {
        assertSameScores(result.get(60, TimeUnit.SECONDS), expected);
      }
    } finally {
      pool.shutdownNow();
    }
  }

  private static void assertSameScores(List<Score> actual, List<Score> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.size(); i++) {
      assertThat(actual.get(i).score()).isCloseTo(expected.get(i).score(), within(1e-5f));
    }
  }

  private static List<TextPair> pairs(int size) {
    List<TextPair> pairs = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      pairs.add(new TextPair(QUERY, PASSAGES.get(i % 3) + " again".repeat(i)));
    }
    return pairs;
  }

  private static float sigmoid(float logit) {
    return (float) (1 / (1 + Math.exp(-logit)));
  }
}
