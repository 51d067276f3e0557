package dev.crossencoder.benchmark.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.benchmark.report.LatencyResult.Percentiles;
import dev.crossencoder.benchmark.report.LatencyResult.Point;
import dev.crossencoder.benchmark.report.ThroughputResult.Contender;
import dev.crossencoder.benchmark.report.ThroughputResult.Memory;
import dev.crossencoder.benchmark.report.ThroughputResult.ScoreError;
import dev.crossencoder.benchmark.report.ThroughputResult.Turn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PerformancePageTest {
  private static final Path PAGE = Path.of("..", "..", "docs", "performance.md");
  private static final ResultFiles PUBLISHED =
      new ResultFiles(Path.of("..", "..", "docs", "performance"));

  @TempDir Path folder;

  @Test
  void thePublishedPageIsUpToDate() throws IOException {
    if (System.getProperty("performance-page.write") != null) {
      PerformancePage.write(PUBLISHED, PAGE);
    }
    assertThat(Files.readString(PAGE))
        .as("docs/performance.md is generated: its first lines say how to regenerate it")
        .isEqualTo(PerformancePage.text(PUBLISHED));
  }

  private static Environment environment(boolean quick) {
    return new Environment(
        "2026-01-02",
        "abc",
        "Some CPU",
        List.of("avx2"),
        2,
        16_000_000_000L,
        "Linux 6",
        2,
        2,
        quick,
        0.014,
        Map.of("JDK", "17"));
  }

  private static Contender contender(String engine, double error, double... seconds) {
    List<Turn> turns =
        Arrays.stream(seconds).mapToObj(time -> new Turn(time, time, 0.013)).toList();
    return new Contender(
        engine, "", turns, new ScoreError(0, 0, error), new Memory(123_000_000, 0));
  }

  private static ThroughputResult throughput(boolean quick) {
    return new ThroughputResult(
        environment(quick),
        "minilm-l6",
        "dl19",
        "some pairs",
        100,
        9_000,
        1,
        Engines.TORCH,
        List.of(
            contender(Engines.OURS, 1e-6, 1, 1.25),
            contender(Engines.TORCH, 0, 2, 2),
            contender(Engines.backend("onnx int8 avx2"), 0.4, 4, 4),
            contender("wrong", 0.4, 0.1, 0.1)),
        Map.of(Engines.OURS_INT8, "Invalid precision: int8."));
  }

  /** A comparison on a processor without AVX-512, where onnxruntime is the recommended engine. */
  private static ThroughputResult withoutAvx512() {
    return new ThroughputResult(
        environment(false),
        "minilm-l6",
        "dl19",
        "some pairs",
        100,
        9_000,
        1,
        Engines.TORCH,
        List.of(
            contender(Engines.OURS, 1e-6, 2, 2),
            contender(Engines.OURS_ONNX, 1e-6, 1, 1),
            contender(Engines.TORCH, 0, 3, 3),
            contender(Engines.ONNX_RUNTIME, 1e-6, 1.2, 1.2)),
        Map.of());
  }

  private static LatencyResult latency() {
    Percentiles lone = new Percentiles(10, 12, 15, 20);
    Percentiles ratio = new Percentiles(1.15, 2, 3.5, 4);
    return new LatencyResult(
        environment(false),
        "minilm-l6",
        "dl19",
        60,
        lone,
        List.of(
            new Point(0.1, 0, 6, 60, 360, new Percentiles(11, 20, 30, 40), ratio),
            new Point(0.9, 0, 54, 60, 3240, new Percentiles(100, 400, 900, 1000), ratio)),
        List.of(new Point(0.1, 0, 6, 60, 360, new Percentiles(10.5, 19, 29, 39), ratio)));
  }

  private String page(ResultFiles files) throws IOException {
    return PerformancePage.text(files);
  }

  private ResultFiles files() {
    return new ResultFiles(folder.resolve("performance"));
  }

  @Test
  void thePageOpensWithRatesBesideWhatOneWouldUseInstead() throws IOException {
    ResultFiles files = files();
    files.write(throughput(false));

    String page = page(files);

    assertThat(page)
        .contains(
            "| model and pairs | ours fp32 | ours int8 | sentence-transformers, all at once | sentence-transformers, in arrival order | fastest other, fp32 | fastest other, int8 |")
        // The engine whose scores are wrong is the fastest, and does not count.
        .contains(
            "| minilm-l6, dl19 (90 tokens per pair) | 90.0 | – | 50.0 | – | – | 25.0, sentence-transformers onnx int8 avx2 |");
    assertThat(page.indexOf("| minilm-l6, dl19 (90"))
        .isLessThan(page.indexOf("\n## "))
        .isLessThan(page.indexOf("## Performance targets"));
  }

  @Test
  void withoutComparisonsThePageHasNoTableOfThem() throws IOException {
    ResultFiles files = files();
    files.write(latency());

    assertThat(page(files)).doesNotContain("model and pairs");
  }

  @Test
  void loadsWhoseLatencyIsChanceAreNotDrawnAndTheTableSaysSo() throws IOException {
    ResultFiles files = files();
    files.write(latency());

    assertThat(page(files))
        .contains("The chart ends at 70 % of saturation.")
        .contains("Rows without brackets are one round of 60 s.");
    assertThat(LatencyChart.chart(latency()).getSeriesMap().values())
        .allSatisfy(
            series ->
                assertThat(Arrays.stream(series.getXData()).max().orElseThrow())
                    .isLessThanOrEqualTo(70));
  }

  @Test
  void barsAreReadFromTheRounds() throws IOException {
    ResultFiles files = files();
    files.write(throughput(false));
    files.write(latency());

    assertThat(page(files))
        .contains(
            "| ours fp32 ÷ sentence-transformers torch fp32, its own sort | 1.15 | 1.30 | 1.80 (1.60–2.00) | goal met |")
        .contains(
            "| operator at 10 % load: latency ÷ a pair's own lone forward pass, p50 | 1.20 | 1.10 | 1.15 | met |")
        .contains(
            "| operator at 10 % load: latency ÷ a pair's own lone forward pass, p99 | 3.00 | 2.50 | 3.50 | **missed** |")
        .contains(
            "| ours int8 ÷ the fastest other int8 engine (sentence-transformers onnx int8 avx2, its own sort) | 1.00 | 1.20 | – | not measured |")
        .contains(
            "(`RssAnon`, -Xmx256m, `CrossEncoder` only) | 400 MB | 250 MB | – | not measured |");
  }

  @Test
  void aFastWrongScoreIsListedAndDoesNotCount() throws IOException {
    ResultFiles files = files();
    files.write(throughput(false));

    assertThat(page(files))
        .contains("| wrong | 1,000 | 90,000 | excluded | 1.00 | 0e+00, 0e+00, 4e-01 | 123 |")
        .contains(
            "| sentence-transformers onnx int8 avx2, its own sort | 25.0 | 2,250 | 3.60 (3.20–4.00) |");
  }

  @Test
  void whatIsMissingIsSaidWithItsReason() throws IOException {
    ResultFiles files = files();
    files.write(throughput(false));

    assertThat(page(files)).contains("Not measured: ours int8. Reason: Invalid precision: int8.");
  }

  @Test
  void aTryOutSaysSo() throws IOException {
    ResultFiles files = files();
    files.write(throughput(true));

    assertThat(page(files)).contains("**Made by a trial run (`-Dbenchmark.quick`)");
    files.write(throughput(false));
    assertThat(page(files)).doesNotContain("trial run");
  }

  @Test
  void hardwareVersionsAndOriginAreListed() throws IOException {
    ResultFiles files = files();
    files.write(throughput(false));

    assertThat(page(files))
        .contains("| machine | Some CPU, 2 cores, 16 GB, Linux 6; avx2 |")
        .contains("| JDK | 17 |")
        .contains(
            "| [throughput-dl19-minilm-l6.json](performance/throughput-dl19-minilm-l6.json) | 2026-01-02 | abc | 2 | 2 | 1.4 % |");
  }

  @Test
  void notesThatPeopleWroteEndThePage() throws IOException {
    ResultFiles files = files();
    files.write(throughput(false));
    Files.writeString(files.folder().resolve("notes.md"), "\n## What was tried\n\nMuch.\n\n");

    assertThat(page(files)).endsWith("\n\n## What was tried\n\nMuch.\n");
  }

  @Test
  void latencyIsDrawn() throws IOException {
    ResultFiles files = files();
    files.write(latency());

    PerformancePage.write(files, folder.resolve("performance.md"));

    assertThat(ImageIO.read(files.folder().resolve("latency.png").toFile()).getWidth())
        .isGreaterThan(500);
    assertThat(folder.resolve("performance.md"))
        .content()
        .contains("![Latency against load](performance/latency.png)")
        .contains("| 90 % | 54.0 | 3,240 | 100 | 400 | 900 | 1.15 | 3.50 |");
  }

  @Test
  void everyResultComesBackAsItWas() throws IOException {
    ResultFiles files = files();
    LimitResult limit =
        new LimitResult(
            environment(false),
            List.of(
                new LimitResult.Model(
                    "minilm-l6",
                    "dl19",
                    10,
                    900,
                    2,
                    12.5,
                    List.of(new LimitResult.Round(0.6, 0.2, 1, 1.25, 99)))));
    PipelineResult pipeline =
        new PipelineResult(
            environment(false),
            "minilm-l6",
            "dl19",
            100,
            List.of(new PipelineResult.Round(100, 97, 93)));
    CpuResult cpu =
        new CpuResult(
            environment(false),
            "tinybert-l2",
            "dl19",
            100,
            List.of(new CpuResult.Round(650, 600, 500)));
    EnduranceResult endurance =
        new EnduranceResult(
            environment(false),
            "minilm-l6",
            "dl19",
            1000,
            "256m",
            90_000_000,
            List.of(
                new EnduranceResult.Run(
                    List.of(100.0, 100.0, 100.0, 100.0, 93.0), 400_000_000, 500_000_000)));
    ColdStartResult coldStart =
        new ColdStartResult(
            environment(false), "minilm-l6", Map.of(Engines.OURS, List.of(2.5, 2.7)));
    files.write(throughput(false));
    files.write(limit);
    files.write(pipeline);
    files.write(latency());
    files.write(cpu);
    files.write(endurance);
    files.write(coldStart);

    Results results = Results.read(files);
    assertThat(results.throughput()).containsExactly(throughput(false));
    assertThat(results.limit()).contains(limit);
    assertThat(results.pipeline()).contains(pipeline);
    assertThat(results.latency()).contains(latency());
    assertThat(results.cpu()).contains(cpu);
    assertThat(results.endurance()).contains(endurance);
    assertThat(results.coldStart()).contains(coldStart);
    assertThat(page(files))
        .contains(
            "| matrix multiplications alone ÷ forward pass, fp32 | 75 % | 85 % | 80 % | met |")
        .contains(
            "| operator from a collection ÷ `CrossEncoder` alone | 0.95 | 0.98 | 0.97 | met |")
        .contains("| whole job through Kafka ÷ `CrossEncoder` alone | 0.90 | 0.95 | 0.93 | met |")
        .contains("of forward passes alone | 1.35 | 1.25 | 1.30 | met |")
        .contains("(`RssAnon`, -Xmx256m, `CrossEncoder` only) | 400 MB | 250 MB | 310 MB | met |")
        .contains("last fifth ÷ first fifth of the pairs | 0.90 | 0.95 | 0.93 | met |");
  }

  @Test
  void eachKindOfProcessorHasAColumnWithTheEngineThatIsRecommendedForIt() throws IOException {
    ResultFiles files = files();
    files.write(throughput(false));
    new ResultFiles(files.folder().resolve("other")).write(withoutAvx512());

    assertThat(page(files))
        .contains("| pairs/s | Some CPU with avx2, 2026-01-02 | Some CPU with avx2, 2026-01-02 |")
        .contains("| minilm-l6, ours fp32 on onnxruntime | – | 100 |")
        .contains(
            "| minilm-l6, fastest other fp32 | 50.0, sentence-transformers torch fp32 | 83.3, ONNX Runtime from Java fp32 |")
        .contains(
            "| minilm-l6, fp32 recommended ÷ the fastest other fp32 engine | 1.15 | 1.40 | not measured | 1.20 (1.20–1.20), met |")
        .contains(
            "| minilm-l6, fp32 recommended ÷ sentence-transformers torch, its own sort | 2.20 | 2.50 | not measured | 3.00 (3.00–3.00), goal met |");
  }

  @Test
  void onlyOneKindOfProcessorNeedsNoComparison() throws IOException {
    ResultFiles files = files();
    files.write(throughput(false));

    assertThat(page(files)).doesNotContain("## Kinds of processors");
  }
}
