package dev.crossencoder.benchmark;

import dev.crossencoder.benchmark.checkpoint.ModelSize;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The options of {@link Performance}, from system properties.
 *
 * @param data {@code crossencoder.data}: the folder with pairs, configurations and vocabularies
 * @param work {@code benchmark.work}: the folder for checkpoints, exports and bundles, kept between
 *     runs; about 10 GB
 * @param results {@code benchmark.results}: the folder for the JSON files
 * @param page {@code benchmark.page}: the page that is generated from them
 * @param python {@code benchmark.python}: a Python interpreter with the packages of {@code
 *     requirements.txt}; without it, the Python engines are not measured
 * @param peers {@code benchmark.peers}: {@code peers.py}
 * @param exports {@code benchmark.exports}: whether models are exported for the other backends of
 *     sentence-transformers and measured there; an export takes minutes per model
 * @param sections {@code benchmark.sections}: the sections to measure
 * @param sizes {@code benchmark.sizes}: the models for throughput and limit
 * @param workloads {@code benchmark.workloads}: pairs for throughput; models other than MiniLM-L6
 *     are measured with those of TREC DL 2019 only
 * @param quick {@code benchmark.quick}: whether this is a trial run, whose numbers are meaningless
 * @param threads {@code benchmark.threads}: the number of threads of each engine
 * @param rounds {@code benchmark.rounds}: the number of turns of each engine
 * @param turnSeconds {@code benchmark.seconds}: the approximate duration of a turn of this project
 *     in fp32
 * @param sideSeconds {@code benchmark.side.seconds}: the same for operator and job
 * @param loadSeconds {@code benchmark.load.seconds}: the duration of each load
 * @param endurancePairs {@code benchmark.endurance.pairs}: the number of pairs for the measurement
 *     of drift
 */
record BenchmarkOptions(
    Path data,
    Path work,
    Path results,
    Path page,
    Optional<Path> python,
    Path peers,
    boolean exports,
    List<String> sections,
    List<ModelSize> sizes,
    List<Workload> workloads,
    boolean quick,
    int threads,
    int rounds,
    double turnSeconds,
    double sideSeconds,
    double loadSeconds,
    int endurancePairs) {
  private static final String PREFIX = "benchmark.";

  /** Reads the properties of this process. */
  static BenchmarkOptions read() {
    boolean quick = !text("quick", "").isEmpty() && !text("quick", "").equals("false");
    String sizes = quick ? ModelSize.MINILM_L6.key() : String.join(",", ModelSize.keys());
    return new BenchmarkOptions(
        Path.of(System.getProperty(Dl19Pairs.FOLDER_PROPERTY, "")),
        Path.of(text("work", System.getProperty("user.home") + "/.cache/cross-encoder-benchmark")),
        Path.of(
            text("results", quick ? "testing/benchmarks/target/performance" : "docs/performance")),
        Path.of(
            text(
                "page",
                quick ? "testing/benchmarks/target/performance.md" : "docs/performance.md")),
        Optional.of(text("python", "")).filter(path -> !path.isEmpty()).map(Path::of),
        Path.of(text("peers", "testing/benchmarks/src/main/python/peers.py")),
        Boolean.parseBoolean(text("exports", "true")),
        list("sections", String.join(",", Performance.SECTIONS)),
        list("sizes", sizes).stream().map(ModelSize::parse).toList(),
        list("workloads", quick ? "dl19,snli" : String.join(",", Workload.keys())).stream()
            .map(Workload::parse)
            .toList(),
        quick,
        Integer.parseInt(
            text("threads", String.valueOf(Runtime.getRuntime().availableProcessors()))),
        Integer.parseInt(text("rounds", quick ? "1" : "5")),
        Double.parseDouble(text("seconds", quick ? "0.5" : "10")),
        Double.parseDouble(text("side.seconds", quick ? "5" : "60")),
        Double.parseDouble(text("load.seconds", quick ? "5" : "60")),
        Integer.parseInt(text("endurance.pairs", quick ? "800" : "20000")));
  }

  /** Returns the options without models for the other backends of sentence-transformers. */
  BenchmarkOptions withoutExports() {
    return new BenchmarkOptions(
        data,
        work,
        results,
        page,
        python,
        peers,
        false,
        sections,
        sizes,
        workloads,
        quick,
        threads,
        rounds,
        turnSeconds,
        sideSeconds,
        loadSeconds,
        endurancePairs);
  }

  /** Maven passes unset properties as empty strings. */
  private static String text(String name, String otherwise) {
    String value = System.getProperty(PREFIX + name, "");
    return value.isBlank() ? otherwise : value.strip();
  }

  private static List<String> list(String name, String otherwise) {
    return Arrays.stream(text(name, otherwise).split(","))
        .map(String::strip)
        .filter(item -> !item.isEmpty())
        .toList();
  }
}
