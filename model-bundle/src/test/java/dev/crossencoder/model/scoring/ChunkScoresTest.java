package dev.crossencoder.model.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.model.Activation;
import dev.crossencoder.model.Chunk;
import dev.crossencoder.model.ChunkScore;
import dev.crossencoder.model.Score;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChunkScoresTest {
  private static final List<String> NLI = List.of("contradiction", "entailment", "Neutral");

  private static Chunk chunk(int index) {
    return new Chunk(index, 100 * index, 100 * index + 99);
  }

  private static Score relevance(float value) {
    return new Score(value, null, Map.of(), List.of(value), false);
  }

  private static Score nli(float contradiction, float entailment, float neutral) {
    float best = Math.max(contradiction, Math.max(entailment, neutral));
    String label =
        best == contradiction ? NLI.get(0) : best == entailment ? NLI.get(1) : NLI.get(2);
    return new Score(
        best,
        label,
        Map.of(NLI.get(0), contradiction, NLI.get(1), entailment, NLI.get(2), neutral),
        List.of(contradiction, entailment, neutral),
        false);
  }

  private static ChunkScores of(ChunkScore how, Float... values) {
    ChunkScores scores = new ChunkScores(how, List.of("LABEL_0"), Activation.IDENTITY);
    for (int i = values.length - 1; i >= 0; i--) {
      scores.add(chunk(i), relevance(values[i]));
    }
    return scores;
  }

  @Test
  void theBestChunkWinsAndTheFirstOfEqualOnes() {
    Score score = of(ChunkScore.MAX, 1f, 3f, 2f, 3f).result(false);

    assertThat(score.score()).isEqualTo(3f);
    assertThat(score.bestChunk()).isEqualTo(chunk(1));
  }

  @Test
  void theMeanIsThatOfTheBestThree() {
    Score score = of(ChunkScore.MEAN_TOP_3, 1f, 9f, 2f, 4f).result(false);

    assertThat(score.score()).isEqualTo(5f);
    assertThat(score.bestChunk()).isEqualTo(chunk(1));
    assertThat(of(ChunkScore.MEAN_TOP_3, 1f, 2f).result(false).score()).isEqualTo(1.5f);
  }

  @Test
  void aScoreThatIsNotFiniteIsTheResult() {
    Score score = of(ChunkScore.MAX, 1f, Float.NaN, 2f).result(false);

    assertThat(score.score()).isNaN();
    assertThat(score.bestChunk()).isEqualTo(chunk(1));
  }

  @Test
  void theLeastNeutralChunkWinsByItsProbability() {
    ChunkScores scores = new ChunkScores(ChunkScore.MAX, NLI, Activation.IDENTITY);
    scores.add(chunk(0), nli(-1f, 0.2f, 0.3f));
    scores.add(chunk(1), nli(-3f, 5f, 0.5f));
    scores.add(chunk(2), nli(0.5f, -2f, 2f));

    Score score = scores.result(false);

    assertThat(score.label()).isEqualTo("entailment");
    assertThat(score.bestChunk()).isEqualTo(chunk(1));
    assertThat(score.bestChunks())
        .isEqualTo(Map.of("contradiction", chunk(2), "entailment", chunk(1), "Neutral", chunk(2)));
  }

  @Test
  void withoutANeutralLabelTheHighestScoreWins() {
    ChunkScores scores =
        new ChunkScores(ChunkScore.MAX, List.of("toxic", "insult"), Activation.SIGMOID);
    scores.add(
        chunk(0),
        new Score(
            0.7f, "insult", Map.of("toxic", 0.6f, "insult", 0.7f), List.of(0.4f, 0.8f), true));
    scores.add(
        chunk(1),
        new Score(
            0.9f, "toxic", Map.of("toxic", 0.9f, "insult", 0.8f), List.of(2.2f, 1.4f), false));

    Score score = scores.result(false);

    assertThat(score.bestChunk()).isEqualTo(chunk(1));
    assertThat(score.bestChunks()).isEqualTo(Map.of("toxic", chunk(1), "insult", chunk(1)));
    assertThat(score.truncated()).isTrue();
  }

  @Test
  void aTextThatIsNotDividedKeepsItsScore() {
    ChunkScores scores =
        new ChunkScores(ChunkScore.MEAN_TOP_3, List.of("LABEL_0"), Activation.IDENTITY);
    Score score = relevance(2f);
    scores.add(null, score);

    assertThat(scores.result(false)).isSameAs(score);
  }

  @Test
  void textThatIsLeftIsTruncated() {
    assertThat(of(ChunkScore.MAX, 1f).result(true).truncated()).isTrue();
    assertThat(of(ChunkScore.MAX, 1f).result(false).truncated()).isFalse();
  }
}
