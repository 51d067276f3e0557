package dev.crossencoder.benchmark.race;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.benchmark.race.RaceResult.Absent;
import dev.crossencoder.benchmark.race.RaceResult.Entry;
import dev.crossencoder.benchmark.race.RaceResult.Kill;
import dev.crossencoder.benchmark.race.RaceResult.Load;
import dev.crossencoder.benchmark.race.RaceResult.Scores;
import dev.crossencoder.benchmark.race.RaceResult.Tried;
import dev.crossencoder.benchmark.race.Sample.Percentiles;
import dev.crossencoder.benchmark.report.Environment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RacePageTest {
  private static final Path PAGE = Path.of("..", "..", "docs", "comparison.md");
  private static final RaceFiles PUBLISHED =
      new RaceFiles(Path.of("..", "..", "docs", "comparison"));

  private static final List<Kill> NO_KILLS = List.of();

  @TempDir private Path folder;

  @Test
  void thePublishedPageIsUpToDate() throws IOException {
    assertThat(Files.readString(PAGE))
        .as("docs/comparison.md is generated: its first lines say how to regenerate it")
        .isEqualTo(RacePage.text(PUBLISHED));
    for (RaceResult result : PUBLISHED.read()) {
      assertThat(RacePage.picture(PUBLISHED, result)).isNotEmptyFile();
    }
  }

  private static Load load(double share, double rate, double p99) {
    return new Load(share, rate, rate, true, new Percentiles(p99 / 3, p99 / 2, p99, 100));
  }

  private static Entry entry(
      Contender contender, double sustainable, double p99, long bytes, List<Kill> kills) {
    return new Entry(
        contender.key(),
        contender.settings().get(0).toString(),
        List.of(new Tried(contender.settings().get(0).toString(), 1.1 * sustainable)),
        1.1 * sustainable,
        sustainable,
        List.of(load(0, sustainable, 2 * p99)),
        List.of(load(0.25, 12.5, p99 / 2), load(0.5, 25, p99)),
        contender == Contender.OURS ? load(0.7, 35, 3 * p99) : null,
        bytes - 100_000_000,
        bytes,
        contender == Contender.OURS ? null : new Scores(1_000, 2.5e-6),
        kills);
  }

  private static Environment environment(boolean quick, String cpu, String... cpuFlags) {
    return new Environment(
        "2026-01-02",
        "abc",
        cpu,
        List.of(cpuFlags),
        2,
        16_000_000_000L,
        "Linux 6",
        2,
        1,
        quick,
        0.012,
        Map.of("JDK", "17"));
  }

  private static RaceResult result(boolean quick, Entry... entries) {
    return new RaceResult(
        environment(quick, "Some CPU", "avx2"),
        "./mvnw measure",
        "some-model",
        "random weights",
        1_000,
        5_000,
        50,
        List.of(entries),
        List.of(new Absent("infinity", "The server does not start:\nat line 2")));
  }

  private String page(RaceResult result) throws IOException {
    RaceFiles files = new RaceFiles(folder.resolve("comparison"));
    files.write(result);
    RacePage.write(files, folder.resolve("comparison.md"));
    return Files.readString(folder.resolve("comparison.md"));
  }

  private static RaceResult twoContenders() {
    return result(
        false,
        entry(
            Contender.OURS,
            150,
            60,
            1_000_000_000L,
            List.of(new Kill("TaskManager", 2_000, 0, 3, 12.34, null))),
        entry(Contender.FASTAPI, 50, 120, 1_600_000_000L, NO_KILLS),
        entry(
            Contender.DJL,
            20,
            100,
            900_000_000L,
            List.of(new Kill("TaskManager", 0, 0, 0, 0, "It did not restart.\nat line 2"))));
  }

  @Test
  void eachKindOfProcessorHasItsOwnFile() {
    Environment intel = environment(false, "Intel(R) Xeon(R) Processor", "fma", "avx2", "avx512f");
    Environment amd = environment(false, "AMD EPYC 7763 64-Core Processor", "avx2");

    assertThat(intel.processor()).isEqualTo("intel-avx512");
    assertThat(amd.processor()).isEqualTo("amd-avx2");
  }

  @Test
  void barsCompareWithTheFastestOther() throws IOException {
    assertThat(page(twoContenders()))
        .contains(
            "| sustainable rate ÷ that of async I/O to FastAPI with sentence-transformers | 2.00 |"
                + " 4.00 | 3.00 | met |")
        .contains("| p99 at half of the others' saturation ÷ its p99 | 0.70 | 0.40 | 0.50 | met |")
        .contains("| memory ÷ its memory | 0.50 | 0.50 | 0.63 | **missed** |");
  }

  @Test
  void eachContenderHasItsRatesAndLatencies() throws IOException {
    assertThat(page(twoContenders()))
        .contains(
            "| this project, Kafka job | 150 | 3.00 | 165 | 1,000 MB | 900 MB |  |",
            "| DJL's CrossEncoderTranslator in a function | 20.0 | 0.40 | 22.0 | 900 MB | 800 MB |"
                + " 2.5e-06 (1,000 pairs) |")
        .contains("| this project, Kafka job | 10 · 15 · 30 | 20 · 30 · 60 | – | 60 · 90 · 180 |")
        .contains(
            "| async I/O to FastAPI with sentence-transformers: **parallelism=1, servers=1,"
                + " threads=2, backend=torch, batch=128, predict-batch=16, capacity=256** | 55.0 |");
    assertThat(
            ImageIO.read(folder.resolve("comparison/race-some-model-some-avx2.png").toFile())
                .getWidth())
        .isEqualTo(1000);
  }

  @Test
  void killsAreCounted() throws IOException {
    assertThat(page(twoContenders()))
        .contains("| this project, Kafka job | TaskManager | 2,000 | 0 | 3 | 12.3 s |")
        .contains("| TaskManager | not measured: It did not restart. |  |  |  |");
  }

  @Test
  void whoDidNotRunIsNamedWithTheReason() throws IOException {
    assertThat(page(twoContenders()))
        .contains("**async I/O to Infinity did not run**: The server does not start:\n");
  }

  @Test
  void wrongScoresAreSeen() throws IOException {
    Entry right = entry(Contender.FASTAPI, 50, 120, 1_600_000_000L, NO_KILLS);
    Entry wrong =
        new Entry(
            right.contender(),
            right.setting(),
            right.tried(),
            right.saturation(),
            right.sustainable(),
            right.search(),
            right.loads(),
            right.burst(),
            right.scoringBytes(),
            right.allBytes(),
            new Scores(900, 0.02),
            right.kills());

    assertThat(page(result(false, wrong))).contains("| **2.0e-02 (900 pairs)** |");
  }

  @Test
  void aTrialRunSaysSo() throws IOException {
    assertThat(page(result(true))).contains("**Made by a trial run (`-Dbenchmark.quick`)");
    assertThat(page(result(false))).doesNotContain("trial run");
  }

  @Test
  void thePageNamesMachineAndCommand() throws IOException {
    assertThat(page(result(false)))
        .contains("| machine | Some CPU, 2 cores, 16 GB, Linux 6; avx2 |")
        .contains(
            "| [race-some-model-some-avx2.json](comparison/race-some-model-some-avx2.json) | 2026-01-02 | abc | 5 s |"
                + " 1.2 % |")
        .contains("\n    ./mvnw measure\n");
  }

  @Test
  void aResultComesBackAsItWas() throws IOException {
    RaceFiles files = new RaceFiles(folder);
    files.write(twoContenders());

    assertThat(files.read()).containsExactly(twoContenders());
    assertThat(files.read("some-model", "some-avx2")).contains(twoContenders());
    assertThat(files.read("some-model", "some-avx512")).isEmpty();
  }

  @Test
  void scoresAreComparedWhereBothAre() {
    float none = Float.NaN;

    Scores scores = Findings.compare(new float[] {1, 10, none, 4}, new float[] {1.5f, 11, 3, none});

    assertThat(scores).isEqualTo(new Scores(2, 0.5));
    assertThat(Findings.compare(new float[] {none}, new float[] {1})).isNull();
  }
}
