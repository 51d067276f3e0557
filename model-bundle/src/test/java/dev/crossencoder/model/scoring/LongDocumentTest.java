package dev.crossencoder.model.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.crossencoder.model.Chunk;
import dev.crossencoder.model.ChunkScore;
import dev.crossencoder.model.Chunking;
import dev.crossencoder.model.Evidence;
import dev.crossencoder.model.RankedPassage;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.Span;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.testing.TestModels;
import dev.crossencoder.model.tokenizer.Truncation;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Long texts with the embedded models. */
class LongDocumentTest {
  private static final String QUERY = "who discovered penicillin?";
  private static final String ANSWER =
      "Penicillin was discovered by Alexander Fleming in 1928 \ud83d\ude00.";
  private static final String OTHER = "The station is closed on Sundays. Tickets cost two euros. ";
  private static final String HIDDEN = OTHER.repeat(12) + ANSWER + " " + OTHER.repeat(12);

  /** Chunks of about 90 tokens, which are scored quickly. */
  private static final CrossEncoderOptions SHORT = CrossEncoderOptions.DEFAULT.withMaxLength(96);

  private static CrossEncoder plain;
  private static CrossEncoder chunked;
  private static CrossEncoder explained;
  private static CrossEncoder plainNli;
  private static CrossEncoder nli;

  @BeforeAll
  static void open() {
    plain = open("demo-qa", SHORT);
    chunked = open("demo-qa", options(ChunkScore.MAX));
    explained = open("demo-qa", options(ChunkScore.MAX).withEvidence(Evidence.SENTENCE));
    plainNli = open("demo-nli", SHORT);
    nli = open("demo-nli", options(ChunkScore.MAX).withEvidence(Evidence.SENTENCE));
  }

  @AfterAll
  static void close() {
    plain.close();
    chunked.close();
    explained.close();
    plainNli.close();
    nli.close();
  }

  private static CrossEncoderOptions options(ChunkScore score) {
    return SHORT.withChunking(new Chunking(OptionalInt.empty(), 32, OptionalInt.empty(), score));
  }

  private static CrossEncoder open(String model, CrossEncoderOptions options) {
    return CrossEncoder.open(TestModels.bundle(model), options);
  }

  private static List<Score> scoresOfChunks(CrossEncoder model, TextPair pair) {
    List<Score> scores = new ArrayList<>();
    PairScoring scoring = model.begin(pair);
    while (scoring.hasNext()) {
      PairScoring.Part part = scoring.next();
      Score score = model.scoreBatch(List.of(part.encoded())).get(0);
      scores.add(score);
      part.scored(score);
    }
    return scores;
  }

  @Test
  void theScoreOfALongTextIsThatOfItsBestChunkAlone() {
    Score score = chunked.score(new TextPair(QUERY, HIDDEN));

    Chunk best = score.bestChunk();
    String chunk = HIDDEN.substring(best.start(), best.end());
    assertThat(chunk).contains(ANSWER);
    Score alone = plain.score(new TextPair(QUERY, chunk));
    assertThat(score.score()).isCloseTo(alone.score(), within(1e-5f));
    assertThat(score.logits().get(0)).isCloseTo(alone.logits().get(0), within(1e-5f));
    assertThat(score.truncated()).isFalse();
    assertThat(alone.truncated()).isFalse();
    assertThat(score.score()).isGreaterThan(plain.score(new TextPair(QUERY, HIDDEN)).score());
    assertThat(score.bestChunks()).isEmpty();
    assertThat(score.evidence()).isNull();
  }

  @Test
  void theScoreDoesNotDependOnTheOtherPairs() {
    List<TextPair> pairs =
        List.of(
            new TextPair(QUERY, HIDDEN),
            new TextPair(QUERY, ANSWER),
            new TextPair("when is it open?", HIDDEN),
            new TextPair(QUERY, OTHER.repeat(20)));

    List<Score> together = explained.score(pairs);

    for (int i = 0; i < pairs.size(); i++) {
      Score alone = explained.score(pairs.get(i));
      assertThat(together.get(i).score()).isCloseTo(alone.score(), within(1e-5f));
      assertThat(together.get(i).bestChunk()).isEqualTo(alone.bestChunk());
      assertThat(together.get(i).evidence()).isEqualTo(alone.evidence());
    }
  }

  @Test
  void aTextThatFitsIsScoredAsWithoutChunks() {
    TextPair pair = new TextPair(QUERY, ANSWER + " " + OTHER);

    Score score = chunked.score(pair);

    assertThat(score.bestChunk()).isNull();
    assertThat(score.score()).isCloseTo(plain.score(pair).score(), within(1e-6f));
  }

  @Test
  void theFirstChunkCanBeTheScore() {
    try (CrossEncoder first = open("demo-qa", options(ChunkScore.FIRST))) {
      Score score = first.score(new TextPair(QUERY, HIDDEN));

      assertThat(scoresOfChunks(first, new TextPair(QUERY, HIDDEN))).hasSize(1);
      assertThat(score.bestChunk().index()).isZero();
      assertThat(score.truncated()).isTrue();
    }
  }

  @Test
  void theMeanOfTheBestThreeCanBeTheScore() {
    TextPair pair = new TextPair(QUERY, HIDDEN);
    try (CrossEncoder mean = open("demo-qa", options(ChunkScore.MEAN_TOP_3))) {
      double expected =
          scoresOfChunks(mean, pair).stream()
              .mapToDouble(Score::score)
              .sorted()
              .boxed()
              .sorted(java.util.Comparator.reverseOrder())
              .limit(3)
              .mapToDouble(score -> score)
              .average()
              .orElseThrow();

      Score score = mean.score(pair);

      assertThat((double) score.score()).isCloseTo(expected, within(1e-5));
      assertThat(score.bestChunk()).isEqualTo(chunked.score(pair).bestChunk());
    }
  }

  @Test
  void theMeanNeedsOneLabel() {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> open("demo-nli", options(ChunkScore.MEAN_TOP_3)))
        .withMessage(
            "Invalid chunk score: mean-top-3. It takes a model with one label, and demo-nli has 3. Choose max or first.");
  }

  @Test
  void chunksLargerThanAPairAreRefused() {
    Chunking chunking = new Chunking(OptionalInt.of(600), 32, OptionalInt.empty(), ChunkScore.MAX);

    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> open("demo-qa", CrossEncoderOptions.DEFAULT.withChunking(chunking)))
        .withMessage(
            "Invalid chunk tokens: 600. A pair has at most 512 tokens with the model demo-qa; leave it out for what fits beside the query.");
  }

  @Test
  void theRestBehindTheLastAllowedChunkIsNamedAsTruncated() {
    Chunking one = new Chunking(OptionalInt.empty(), 32, OptionalInt.of(1), ChunkScore.MAX);
    try (CrossEncoder model = open("demo-qa", SHORT.withChunking(one))) {
      assertThat(model.score(new TextPair(QUERY, HIDDEN)).truncated()).isTrue();
      assertThat(model.score(new TextPair(QUERY, ANSWER)).truncated()).isFalse();
    }
  }

  @Test
  void aQueryThatIsCutIsNamedAsTruncated() {
    assertThat(chunked.score(new TextPair(OTHER.repeat(10), HIDDEN)).truncated()).isTrue();
  }

  @Test
  void evidenceRefusesNoPairThatHasAScoreWithoutIt() {
    CrossEncoderOptions onlySecond =
        CrossEncoderOptions.DEFAULT.withMaxLength(48).withTruncation(Truncation.ONLY_SECOND);
    TextPair pair = new TextPair("who ".repeat(38), HIDDEN);

    try (CrossEncoder without = open("demo-qa", onlySecond);
        CrossEncoder with = open("demo-qa", onlySecond.withEvidence(Evidence.SENTENCE))) {
      assertThat(with.score(pair).score()).isCloseTo(without.score(pair).score(), within(1e-5f));
    }
  }

  @Test
  void chunksAndEvidenceDoNotClassify() {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> nli.classify(HIDDEN, List.of("science", "travel")))
        .withMessage(
            "Cannot classify with chunks or evidence: a text is read up to what fits beside a label. Leave these options out.");
  }

  @Test
  void rankingFindsWhatIsHidden() {
    List<String> passages = List.of(OTHER.repeat(24), HIDDEN, OTHER);

    List<RankedPassage> ranked = chunked.rank(QUERY, passages, 3);

    assertThat(ranked.get(0).corpusId()).isEqualTo(1);
    assertThat(ranked.get(0).score().bestChunk()).isNotNull();
  }

  @Test
  void theEvidenceIsTheSentenceThatAnswers() {
    Span evidence = explained.score(new TextPair(QUERY, HIDDEN)).evidence();

    assertThat(HIDDEN.substring(evidence.start(), evidence.end())).isEqualTo(ANSWER);
  }

  @Test
  void aTextThatFitsHasEvidenceToo() {
    String passage = "It rains. " + ANSWER + " " + OTHER;

    Score score = explained.score(new TextPair(QUERY, passage));

    assertThat(score.bestChunk()).isNull();
    assertThat(passage.substring(score.evidence().start(), score.evidence().end()))
        .isEqualTo(ANSWER);
  }

  @Test
  void aSingleSentenceIsItsOwnEvidence() {
    assertThat(explained.score(new TextPair(QUERY, " " + ANSWER + "\n")).evidence())
        .isEqualTo(new Span(1, 1 + ANSWER.length()));
    assertThat(explained.score(new TextPair(QUERY, "")).evidence()).isEqualTo(new Span(0, 0));
  }

  @Test
  void aTruncatedTextHasEvidenceInWhatIsRead() {
    try (CrossEncoder model = open("demo-qa", SHORT.withEvidence(Evidence.SENTENCE))) {
      String passage = OTHER.repeat(3) + ANSWER + " " + OTHER.repeat(10);

      Score score = model.score(new TextPair(QUERY, passage));

      assertThat(score.truncated()).isTrue();
      assertThat(passage.substring(score.evidence().start(), score.evidence().end()))
          .isEqualTo(ANSWER);
    }
  }

  @Test
  void aPremiseHasABestChunkForEachLabel() {
    String woman = "A woman in a yellow raincoat is repairing a bicycle in the street. ";
    String asleep = "The old man is asleep on a sofa at home. ";
    String premise = woman.repeat(10) + asleep.repeat(12);

    Score score = nli.score(new TextPair(premise, "The man is sleeping."));

    assertThat(score.bestChunks().keySet())
        .containsExactly("contradiction", "entailment", "neutral");
    Chunk best = score.bestChunks().get(score.label());
    Score alone =
        plainNli.score(
            new TextPair(
                premise.substring(score.bestChunk().start(), score.bestChunk().end()),
                "The man is sleeping."));
    assertThat(score.score()).isCloseTo(alone.score(), within(1e-4f));
    assertThat(score.label()).isEqualTo(alone.label());
    assertThat(best).isNotNull();
    Chunk entailing = score.bestChunks().get("entailment");
    assertThat(premise.substring(entailing.start(), entailing.end())).contains("asleep");
    assertThat(score.evidence().start()).isGreaterThanOrEqualTo(score.bestChunk().start());
    assertThat(score.evidence().end()).isLessThanOrEqualTo(score.bestChunk().end());
  }
}
