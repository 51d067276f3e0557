package dev.crossencoder.benchmark.quality;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.benchmark.quality.QualityResult.Change;
import dev.crossencoder.benchmark.quality.QualityResult.Row;
import dev.crossencoder.benchmark.quality.QualityResult.Skipped;
import dev.crossencoder.benchmark.report.Environment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.knowm.xchart.XYChart;

class QualityPageTest {
  private static final Path PAGE = Path.of("..", "..", "docs", "quality.md");
  private static final QualityFiles PUBLISHED =
      new QualityFiles(Path.of("..", "..", "docs", "quality"));

  @TempDir private Path folder;

  @Test
  void thePublishedPageIsUpToDate() throws IOException {
    assertThat(Files.readString(PAGE))
        .as("docs/quality.md is generated: its first lines say how to regenerate it")
        .isEqualTo(QualityPage.text(PUBLISHED));
    for (QualityResult result : PUBLISHED.read()) {
      assertThat(PUBLISHED.picture(result)).isNotEmptyFile();
    }
  }

  private static QualityResult result(boolean quick) {
    return new QualityResult(
        new Environment(
            "2026-01-02",
            "abc",
            "Some CPU",
            List.of("avx2", "avx512_vnni"),
            2,
            16_000_000_000L,
            "Linux 6",
            2,
            1,
            quick,
            0.1,
            Map.of("JDK", "17")),
        "dl19",
        "some passages",
        "`a/file`, some passages",
        "./mvnw measure",
        "demo-x",
        "sha256:0123456789abcdef0123456789abcdef",
        "ndcg@10",
        0.5,
        "queries",
        40,
        4_000,
        94.6,
        301,
        List.of(
            new Row("fp32", 0.62, null, 80, 0, 0.01),
            new Row("int8", 0.61, new Change(-0.01, -0.02, 0.001, 0.07), 40, 12, 0.034)),
        List.of(
            new Skipped("fp32, chunks", "only 0 of 300 pairs do not fit"),
            new Skipped("fp32, chunks of 128 tokens", "only 0 of 300 pairs do not fit")));
  }

  private String page(QualityResult result) throws IOException {
    QualityFiles files = new QualityFiles(folder.resolve("quality"));
    files.write(result);
    QualityPage.write(files, folder.resolve("quality.md"));
    return Files.readString(folder.resolve("quality.md"));
  }

  @Test
  void aResultIsATableAndAPicture() throws IOException {
    String page = page(result(false));

    assertThat(page)
        .contains("## `demo-x` on some passages")
        .contains(
            "Input: `a/file`, some passages. 40 queries, 4,000 pairs with 95 tokens on average and at most 301.")
        .contains("| before reranking | 0.5000 |  |  |  |  |  |  |  |")
        .contains("| fp32 | 0.6200 |  |  |  | 50.0 | 1.00 | 0 | 1.0 % |")
        .contains(
            "| int8 | 0.6100 | -0.0100 | -0.0200 to +0.0010 | 0.0700 | 100.0 | 2.00 | 12 | 3.4 % |")
        .contains(
            "Not measured, because only 0 of 300 pairs do not fit: fp32, chunks; fp32, chunks of 128 tokens.")
        .contains("![ndcg@10 and pairs per second of demo-x](quality/dl19.png)")
        .doesNotContain("trial run");
    assertThat(ImageIO.read(folder.resolve("quality/dl19.png").toFile()).getWidth()).isEqualTo(900);
  }

  @Test
  void thePageNamesTheMachineAndTheCommandAndWhatItDoesNotSay() throws IOException {
    assertThat(page(result(false)))
        .contains("| machine | Some CPU, 2 cores, 16 GB, Linux 6; avx2 avx512_vnni |")
        .contains(
            "| [dl19.json](quality/dl19.json) | demo-x, `sha256:0123456789ab…` | 2026-01-02 | abc | 2 |")
        .contains("\n    ./mvnw measure\n")
        .contains("No published model could be downloaded")
        .contains("random weights have no quality to lose");
  }

  @Test
  void aTrialRunSaysSo() throws IOException {
    assertThat(page(result(true))).contains("**Made by a trial run (`-Dbenchmark.quick`)");
  }

  @Test
  void thePictureHasAPointAndAnIntervalForEachSetting() {
    XYChart chart = QualityChart.chart(result(false));

    assertThat(chart.getSeriesMap().keySet())
        .containsExactly(
            "fp32, for comparison", "before reranking", "fp32", "int8", "int8, interval");
    assertThat(chart.getSeriesMap().get("int8").getXData()).containsExactly(100);
    assertThat(chart.getSeriesMap().get("int8").getYData()).containsExactly(0.61);
    assertThat(chart.getSeriesMap().get("int8, interval").getYData()).containsExactly(0.6, 0.621);
    assertThat(chart.getStyler().getYAxisMin()).isLessThan(0.5);
    assertThat(chart.getStyler().getYAxisMax()).isGreaterThan(0.621);
    assertThat(chart.getXAxisTitle()).isEqualTo("pairs per second");
    assertThat(chart.getYAxisTitle()).isEqualTo("ndcg@10");
  }

  @Test
  void aResultComesBackAsItWas() throws IOException {
    QualityFiles files = new QualityFiles(folder);
    files.write(result(false));

    assertThat(files.read()).containsExactly(result(false));
  }
}
