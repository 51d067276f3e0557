package dev.crossencoder.benchmark;

import dev.crossencoder.benchmark.quality.HeldOutSet;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The system properties of {@link Quality}.
 *
 * @param data {@code crossencoder.data}: the folder with the held-out data
 * @param results {@code benchmark.results}: where results are written
 * @param page {@code benchmark.page}: the page
 * @param sets {@code benchmark.sections}: what is measured
 * @param rankModel {@code benchmark.rank.model}: the model that ranks
 * @param queries {@code benchmark.queries}: how many queries of Cranfield are taken
 * @param quick {@code benchmark.quick}: whether this is a trial run with few pairs
 * @param given the command-line arguments that repeat the choices of the user
 */
record QualityOptions(
    Path data,
    Path results,
    Path page,
    List<HeldOutSet> sets,
    String rankModel,
    int queries,
    boolean quick,
    String given) {
  private static final String SECTIONS = "benchmark.sections";
  private static final String RANK_MODEL = "benchmark.rank.model";
  private static final String QUERIES = "benchmark.queries";
  private static final int QUICK_SIZE = 8;

  /** Reads the properties of this process. */
  static QualityOptions read() {
    boolean quick = !text("benchmark.quick", "").isEmpty();
    String folder = quick ? "testing/benchmarks/target" : "docs";
    return new QualityOptions(
        Path.of(text(Dl19Pairs.FOLDER_PROPERTY, "")),
        Path.of(text("benchmark.results", folder + "/quality")),
        Path.of(text("benchmark.page", folder + "/quality.md")),
        Arrays.stream(text(SECTIONS, "nli,qa,dl19,cranfield").split(","))
            .map(String::strip)
            .map(HeldOutSet::parse)
            .toList(),
        text(RANK_MODEL, "demo-rank"),
        Integer.parseInt(text(QUERIES, "100")),
        quick,
        arguments());
  }

  /** Returns how many queries or pairs of a set are measured. */
  int sizeOf(HeldOutSet set) {
    if (quick) {
      return QUICK_SIZE;
    }
    return set == HeldOutSet.CRANFIELD ? queries : Integer.MAX_VALUE;
  }

  private static String arguments() {
    String others =
        Stream.of(RANK_MODEL, QUERIES)
            .filter(name -> !text(name, "").isEmpty())
            .map(name -> "-D%s=%s".formatted(name, text(name, "")))
            .collect(Collectors.joining(" "));
    return Stream.of(
            text(SECTIONS, "").isEmpty() ? "" : "-D%s=%s".formatted(SECTIONS, text(SECTIONS, "")),
            others.isEmpty() ? "" : "-Dbenchmark.jvm.arguments=\"" + others + "\"")
        .filter(part -> !part.isEmpty())
        .collect(Collectors.joining(" "));
  }

  /** Maven passes unset properties as empty strings. */
  private static String text(String name, String otherwise) {
    String value = System.getProperty(name, "");
    return value.isBlank() ? otherwise : value.strip();
  }
}
