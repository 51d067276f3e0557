package dev.crossencoder.cli.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.knowm.xchart.XYChart;

class ComparisonChartTest {
  @TempDir private Path folder;

  @Test
  void pairsAreDividedByGoldAndKeepTheirScores() {
    double[] gold = {1, 0, 1};

    ComparisonChart chart =
        ComparisonChart.of(
            system("m", "", new ScoreOutcomes(true, gold, new double[] {0.9, 0.2, 0.7})),
            system(
                "m", "precision=int8", new ScoreOutcomes(true, gold, new double[] {0.8, 0.3, 0.6})),
            null,
            "average-precision");

    assertThat(chart.groups().keySet()).containsExactly("gold 1", "gold 0");
    assertThat(chart.groups().get("gold 1").first()).containsExactly(0.9, 0.7);
    assertThat(chart.groups().get("gold 1").second()).containsExactly(0.8, 0.6);
    assertThat(chart.groups().get("gold 0").first()).containsExactly(0.2);
    assertThat(chart.groups().get("gold 0").second()).containsExactly(0.3);
  }

  @Test
  void theAxesAreNamedAndOfOneRangeWithADiagonal() throws IOException {
    double[] gold = {0.1, 0.5, 0.9};
    ComparisonChart comparison =
        ComparisonChart.of(
            system("m", "", new ScoreOutcomes(false, gold, new double[] {-2, 0, 1})),
            system("m", "precision=int8", new ScoreOutcomes(false, gold, new double[] {-1, 0, 3})),
            null,
            "pearson");

    XYChart chart = comparison.chart();

    assertThat(chart.getXAxisTitle()).isEqualTo("score, A: m");
    assertThat(chart.getYAxisTitle()).isEqualTo("score, B: m, precision=int8");
    assertThat(chart.getSeriesMap().get("A = B").getXData()).containsExactly(-2, 3);
    assertThat(chart.getSeriesMap().get("A = B").getYData()).containsExactly(-2, 3);
    assertThat(chart.getStyler().getXAxisMin()).isEqualTo(-2.25);
    assertThat(chart.getStyler().getYAxisMin()).isEqualTo(-2.25);
    assertThat(chart.getStyler().getXAxisMax()).isEqualTo(3.25);
    assertThat(chart.getStyler().getYAxisMax()).isEqualTo(3.25);
    assertThat(comparison.write(folder.resolve("new")))
        .hasValueSatisfying(
            file -> assertThat(file).isEqualTo(folder.resolve("new/comparison.png")));
    assertThat(ImageIO.read(folder.resolve("new/comparison.png").toFile()).getWidth())
        .isEqualTo(720);
  }

  @Test
  void queriesShowTheirGainOrTheirFigureWithoutARankingBefore() {
    RankingOutcomes before = ranking(0, 2);
    PairScoring first = system("m", "", ranking(3, 0));
    PairScoring second = system("n", "", ranking(0, 2));

    ComparisonChart gains = ComparisonChart.of(first, second, before, "mrr");
    ComparisonChart figures = ComparisonChart.of(first, second, null, "mrr");

    assertThat(gains.chart().getXAxisTitle()).isEqualTo("gain in mrr, A: m");
    assertThat(gains.groups().get("queries").first()).containsExactlyInAnyOrder(0.5, -0.5);
    assertThat(gains.groups().get("queries").second()).containsExactly(0, 0);
    assertThat(figures.chart().getYAxisTitle()).isEqualTo("mrr, B: n");
    assertThat(figures.groups().get("queries").first()).containsExactlyInAnyOrder(1, 0.5);
    assertThat(figures.groups().get("queries").second()).containsExactlyInAnyOrder(0.5, 1);
  }

  @Test
  void equalScoresHaveAPictureToo() throws IOException {
    ScoreOutcomes same = new ScoreOutcomes(false, new double[] {1, 2}, new double[] {0.5, 0.5});

    assertThat(
            ComparisonChart.of(system("m", "", same), system("n", "", same), null, "pearson")
                .write(folder))
        .isPresent();
  }

  @Test
  void labelsHaveNoPicture() throws IOException {
    PairScoring labels = system("m", "", new LabelOutcomes(List.of("a", "b"), List.of("a", "a")));

    assertThat(ComparisonChart.of(labels, labels, null, "accuracy").write(folder)).isEmpty();
    assertThat(folder).isEmptyDirectory();
  }

  private static PairScoring system(String name, String options, Outcomes outcomes) {
    return new PairScoring(
        new Report.EvaluatedSystem(name, "sha256:0", options), outcomes, 0, outcomes.size(), null);
  }

  /** Two queries, whose relevant documents have these scores and others have 1. */
  private static RankingOutcomes ranking(float first, float second) {
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
}
