package dev.crossencoder.cli.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.crossencoder.evaluation.ranking.Qrels;
import dev.crossencoder.evaluation.ranking.RankedDocument;
import dev.crossencoder.evaluation.ranking.RankingEvaluation;
import dev.crossencoder.evaluation.ranking.RankingFigure;
import dev.crossencoder.evaluation.ranking.RankingOptions;
import dev.crossencoder.evaluation.ranking.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.knowm.xchart.style.Styler.LegendPosition;

class ChartsTest {
  private static final ScoreOutcomes SCORES =
      new ScoreOutcomes(
          true, new double[] {1, 0, 1, 0, 0}, new double[] {1, 0.95, 0.92, 0.05, 0.31});

  @TempDir private Path folder;

  @Test
  void binsCountPairsAndAverageTheirScores() {
    ScoreBins bins = ScoreBins.of(SCORES);

    assertThat(bins.filled()).containsExactly(0, 3, 9);
    assertThat(bins.positives()).containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 0, 2);
    assertThat(bins.negatives()).containsExactly(1, 0, 0, 1, 0, 0, 0, 0, 0, 1);
    assertThat(bins.meanScore(9)).isCloseTo((1 + 0.95 + 0.92) / 3, within(1e-12));
    assertThat(bins.positiveShare(9)).isCloseTo(2 / 3.0, within(1e-12));
    assertThat(bins.centres()).startsWith(0.05, 0.15).endsWith(0.95);
  }

  @Test
  void scoresThatAreNoProbabilitiesHaveBinsOfTheirOwnAndNoReliability() throws IOException {
    ScoreOutcomes logits =
        new ScoreOutcomes(true, new double[] {1, 0, 1}, new double[] {5, -5, 4.5});

    assertThat(ScoreBins.of(logits).centres()).startsWith(-4.5).endsWith(4.5);
    assertThat(ScoreBins.of(logits).filled()).containsExactly(0, 9);
    assertThat(Charts.write(folder, logits, null, "best-f1"))
        .containsExactly(folder.resolve("scores.png"));
  }

  @Test
  void picturesAreWritten() throws IOException {
    Path pictures = folder.resolve("new");

    List<Path> files = Charts.write(pictures, SCORES, null, "best-f1");

    assertThat(files)
        .containsExactly(pictures.resolve("scores.png"), pictures.resolve("reliability.png"));
    for (Path file : files) {
      assertThat(ImageIO.read(file.toFile()).getWidth()).isEqualTo(900);
    }
  }

  @Test
  void gainsAreSortedAndDrawn() throws IOException {
    RankingOutcomes before = outcomes(0, 2);
    RankingOutcomes after = outcomes(3, 0);

    assertThat(Charts.gains(after, before, "mrr")).containsExactly(0.5, -0.5);
    assertThat(Charts.write(folder, after, before, "mrr"))
        .containsExactly(folder.resolve("gain.png"));
    assertThat(Charts.write(folder, after, null, "mrr")).isEmpty();
  }

  /** Two queries, whose relevant documents have these scores and others have 1. */
  private static RankingOutcomes outcomes(float first, float second) {
    Run run =
        new Run(
            Map.of(
                "1", List.of(new RankedDocument("a", first), new RankedDocument("b", 1)),
                "2", List.of(new RankedDocument("a", second), new RankedDocument("b", 1))));
    Qrels qrels = new Qrels(Map.of("1", Map.of("a", 1), "2", Map.of("a", 1)));
    return new RankingOutcomes(
        new RankingEvaluation(qrels, List.of(RankingFigure.parse("mrr")), RankingOptions.DEFAULT)
            .evaluate(run),
        run);
  }

  @Test
  void narrowBinsHaveDifferentCentres() {
    ScoreOutcomes narrow =
        new ScoreOutcomes(true, new double[] {1, 0, 1}, new double[] {-0.0012, 0.0001, -0.0004});

    assertThat(ScoreBins.of(narrow).centres()).doesNotHaveDuplicates().hasSize(10);
  }

  @Test
  void theLegendDoesNotCoverBars() {
    assertThat(Charts.histogram(ScoreBins.of(SCORES)).getStyler().getLegendPosition())
        .isEqualTo(LegendPosition.OutsideE);
  }
}
