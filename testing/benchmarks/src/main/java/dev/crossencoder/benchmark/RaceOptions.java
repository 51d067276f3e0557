package dev.crossencoder.benchmark;

import dev.crossencoder.benchmark.race.Contender;
import dev.crossencoder.benchmark.race.RaceTimes;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The system properties of {@link Race}, beside those of {@link BenchmarkOptions}.
 *
 * @param results {@code benchmark.results}: where results are written
 * @param page {@code benchmark.page}: the page
 * @param sections {@code benchmark.sections}: any of tuning, race, kill
 * @param models {@code benchmark.race.models}: sizes of random models, or names of embedded ones
 * @param killModel {@code benchmark.race.kill.model}: the model with which processes are killed
 * @param contenders {@code benchmark.race.contenders}: who takes part
 * @param pyflink {@code benchmark.race.pyflink}: a Python interpreter with {@code
 *     requirements-pyflink.txt}
 * @param infinity {@code benchmark.race.infinity}: one with {@code requirements-infinity.txt}
 * @param flink {@code benchmark.race.flink}: a Flink distribution; by default that of PyFlink
 * @param pairs {@code benchmark.race.pairs}: the number of different pairs
 * @param checkpointMillis {@code benchmark.race.checkpoint.millis}: the interval of Flink's
 *     checkpoints
 * @param times how long the parts take
 * @param given the command-line arguments that repeat the choices of the user
 */
record RaceOptions(
    Path results,
    Path page,
    List<String> sections,
    List<String> models,
    String killModel,
    List<Contender> contenders,
    Optional<Path> pyflink,
    Optional<Path> infinity,
    Optional<Path> flink,
    int pairs,
    long checkpointMillis,
    RaceTimes times,
    String given) {
  static final String TUNING = "tuning";
  static final String RACE = "race";
  static final String KILL = "kill";

  private static final List<String> GIVEN =
      List.of(
          "benchmark.race.models",
          "benchmark.race.kill.model",
          "benchmark.race.contenders",
          "benchmark.race.pairs",
          "benchmark.race.checkpoint.millis",
          "benchmark.threads");

  /** Reads the properties of this process. */
  static RaceOptions read() {
    boolean quick = !text("benchmark.quick", "").isEmpty();
    String folder = quick ? "testing/benchmarks/target" : "docs";
    List<String> models =
        list("benchmark.race.models", quick ? "tinybert-l2" : "tinybert-l2,minilm-l6,demo-rank");
    return new RaceOptions(
        Path.of(text("benchmark.results", folder + "/comparison")),
        Path.of(text("benchmark.page", folder + "/comparison.md")),
        list("benchmark.sections", String.join(",", TUNING, RACE, KILL)),
        models,
        text("benchmark.race.kill.model", models.get(0)),
        list("benchmark.race.contenders", String.join(",", Contender.keys())).stream()
            .map(Contender::parse)
            .toList(),
        path("benchmark.race.pyflink"),
        path("benchmark.race.infinity"),
        path("benchmark.race.flink"),
        Integer.parseInt(text("benchmark.race.pairs", "1000")),
        Long.parseLong(text("benchmark.race.checkpoint.millis", "5000")),
        quick ? RaceTimes.QUICK : RaceTimes.FULL,
        arguments());
  }

  private static List<String> list(String name, String otherwise) {
    return Arrays.stream(text(name, otherwise).split(","))
        .map(String::strip)
        .filter(item -> !item.isEmpty())
        .toList();
  }

  private static Optional<Path> path(String name) {
    return Optional.of(text(name, "")).filter(path -> !path.isEmpty()).map(Path::of);
  }

  private static String arguments() {
    String others =
        Stream.concat(
                Stream.of(
                    "-Dbenchmark.race.pyflink=/path/to/pyflink/bin/python",
                    "-Dbenchmark.race.infinity=/path/to/infinity/bin/python"),
                GIVEN.stream()
                    .filter(name -> !text(name, "").isEmpty())
                    .map(name -> "-D%s=%s".formatted(name, text(name, ""))))
            .collect(Collectors.joining(" "));
    String sections = text("benchmark.sections", "");
    return "%s-Dbenchmark.jvm.arguments=\"%s\""
        .formatted(sections.isEmpty() ? "" : "-Dbenchmark.sections=" + sections + " ", others);
  }

  /** Maven passes unset properties as empty strings. */
  private static String text(String name, String otherwise) {
    String value = System.getProperty(name, "");
    return value.isBlank() ? otherwise : value.strip();
  }
}
