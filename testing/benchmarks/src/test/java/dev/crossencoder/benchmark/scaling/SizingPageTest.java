package dev.crossencoder.benchmark.scaling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.benchmark.report.Environment;
import dev.crossencoder.benchmark.scaling.ScalingResult.Load;
import dev.crossencoder.benchmark.scaling.ScalingResult.Model;
import dev.crossencoder.benchmark.scaling.ScalingResult.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SizingPageTest {
  private static final Path DOCS = Path.of("..", "..", "docs");
  private static final int MEBI = 1 << 20;

  @TempDir private Path folder;

  @Test
  void thePublishedPageIsUpToDate() throws IOException {
    assertThat(Files.readString(DOCS.resolve("sizing.md")))
        .as("docs/sizing.md is generated: its first lines say how to regenerate it")
        .isEqualTo(SizingPage.text(new ScalingFiles(DOCS.resolve("sizing.json"))));
  }

  /** A model that needs 10 ms on one core: 98 pairs per second. */
  private static ScalingResult result(boolean quick, List<Load> loads) {
    return new ScalingResult(
        new Environment(
            "2026-01-02",
            "abc",
            "Some CPU",
            List.of("avx2"),
            2,
            16_000_000_000L,
            "Linux 6",
            2,
            1,
            quick,
            0.012,
            Map.of("JDK", "17")),
        "./mvnw measure",
        "some pairs",
        8,
        List.of(new Model("small", 50L * MEBI, 98.7)),
        Layout.ALL.stream()
            .map(
                layout ->
                    new Run(
                        "small",
                        layout,
                        98.0 * layout.allCores(),
                        10 + layout.subtasks(),
                        (600L + layout.subtasks()) * MEBI,
                        100L * MEBI))
            .toList(),
        loads);
  }

  private String page(ScalingResult result) throws IOException {
    ScalingFiles files = new ScalingFiles(folder.resolve("sizing.json"));
    files.write(result);
    SizingPage.write(files, folder.resolve("sizing.md"));
    return Files.readString(folder.resolve("sizing.md"));
  }

  @Test
  void coresArePlannedAtSeventyPercentAndMemoryWithAMargin() throws IOException {
    // 98 · 0.7 = 68.6 pairs per second and core; 601 MiB · 1.25 = 751 MiB.
    assertThat(page(result(false, List.of())))
        .contains("| `small` | 99 | 11.00 | 1 | 1 | 2 | 8\\* | 15\\* | 73\\* | 768 MiB |")
        .doesNotContain("trial run");
  }

  @Test
  void everyLayoutIsComparedWithOneCore() throws IOException {
    assertThat(page(result(false, List.of())))
        .contains("| `small` | 1 × 1 core, 1 subtask | 98.0 | 1.00 | 11.00 |")
        .contains("| `small` | 2 × 1 core, 4 subtasks | 196.0 | 2.00 | 14.00 |")
        .contains("| `small` | 50 MiB | 601 MiB | 604 MiB | 100 MiB |");
  }

  @Test
  void theSmallestResourcesAreThoseThatSustainedThatRateOrMore() throws IOException {
    String page =
        page(
            result(
                false,
                List.of(
                    new Load("small", Layout.ONE_CORE, 0.8, 78.4, 0.2),
                    new Load("small", Layout.ONE_CORE, 1.15, 112.7, 15),
                    new Load("small", Layout.TWO_CORES, 0.8, 156.8, -0.4),
                    new Load("small", Layout.TWO_CORES, 1.15, 225.4, 29))));

    assertThat(page)
        .contains("| `small` | 78.4 | +0.2 |  | 1 |")
        .contains("| `small` | 112.7 | +15.0, grows |  | 2 |")
        .contains("| `small` | 156.8 |  | -0.4 | 2 |")
        .contains("| `small` | 225.4 |  | +29.0, grows | more than 2 |");
  }

  @Test
  void aTrialRunSaysSo() throws IOException {
    assertThat(page(result(true, List.of())))
        .contains("**Made by a trial run (`-Dbenchmark.quick`)");
  }

  @Test
  void thePageNamesTheMachineAndTheCommand() throws IOException {
    assertThat(page(result(false, List.of())))
        .contains("| machine | Some CPU, 2 cores, 16 GB, Linux 6; avx2 |")
        .contains("| others' CPU | 1.2 % |")
        .endsWith("This command measured them:\n\n    ./mvnw measure\n");
  }

  @Test
  void aResultComesBackAsItWas() throws IOException {
    ScalingResult result =
        result(false, List.of(new Load("small", Layout.ONE_CORE, 0.8, 78.4, 0.2)));
    ScalingFiles files = new ScalingFiles(folder.resolve("sizing.json"));
    files.write(result);

    assertThat(files.read()).isEqualTo(result);
  }
}
