package dev.crossencoder.benchmark.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Generates {@code docs/performance.md} from the results and the manually written {@code notes.md}.
 */
public final class PerformancePage {
  private static final String NOTES = "notes.md";

  private final StringBuilder text = new StringBuilder();
  private final Results results;
  private final List<List<ThroughputResult>> processors;
  private final String folderName;

  private PerformancePage(
      Results results, List<List<ThroughputResult>> processors, String folderName) {
    this.results = results;
    this.processors = processors;
    this.folderName = folderName;
  }

  /** Writes the page, and the chart into the folder of the results. */
  public static void write(ResultFiles files, Path page) throws IOException {
    Results results = Results.read(files);
    if (results.latency().isPresent()) {
      LatencyChart.write(results.latency().get(), files.folder().resolve(SectionTables.CHART));
    }
    Files.createDirectories(page.toAbsolutePath().getParent());
    Files.writeString(page, text(files));
  }

  /** The page's text. */
  public static String text(ResultFiles files) throws IOException {
    Path notes = files.folder().resolve(NOTES);
    return new PerformancePage(
            Results.read(files),
            files.throughputByProcessor(),
            String.valueOf(files.folder().getFileName()))
        .text(Files.exists(notes) ? Files.readString(notes) : "");
  }

  private String text(String notes) {
    text.append(
        """
        # Performance

        <!-- Generated from the results in %1$s/ and the notes in %1$s/notes.md. To regenerate this page without
             measuring: ./mvnw -q -Dquick -Pbenchmark package -pl testing/benchmarks -am -Dbenchmark=WritePage -->

        """
            .formatted(folderName));
    if (environments().values().stream().anyMatch(Environment::quick)) {
      text.append("**Made by a trial run (`-Dbenchmark.quick`): the numbers are not valid.**\n\n");
    }
    new Alternatives(results).addTo(text);
    text.append(
        """
        In the sections below, each number is the median of several rounds, with minimum and maximum in brackets. A ratio is
        computed within each round. All engines have the same pairs, the same machine and the same number of threads.
        [testing/benchmarks/README.md](../testing/benchmarks/README.md) describes the method.

        """);
    throughput();
    new SectionTables(results, folderName, text).add();
    bars();
    new Processors(processors, text).add();
    environment();
    repetition();
    if (!notes.isBlank()) {
      text.append(notes.strip()).append('\n');
    }
    return text.toString().stripTrailing() + "\n";
  }

  private void bars() {
    text.append(
        """
        ## Performance targets

        A release should reach the required values and aims at the goals. The model is of MiniLM-L6 size and the pairs are those of
        TREC DL 2019 unless the row says otherwise.

        """);
    MarkdownTable table =
        MarkdownTable.in(text, List.of("target", "required", "goal", "measured", "result"));
    for (Bar bar : Bars.of(results)) {
      table.row(
          List.of(
              bar.what(),
              bar.unit().text(bar.must()),
              bar.unit().text(bar.goal()),
              bar.measured(),
              bar.verdict()));
    }
    text.append('\n');
  }

  private void throughput() {
    if (results.throughput().isEmpty()) {
      return;
    }
    text.append(
        """
        ## Throughput

        - **Time** includes tokenization, with one exception: pairs that are "fed sorted by tokens" were tokenized and sorted
          before the measurement.
        - **Batch size**: the other engines score batches of 32, unless the row names a best batch size.
        - **Logit error** is the difference to the reference's logits, divided by max(1, |logit|): median, 99th percentile,
          largest. An fp32 engine with an error above 1e-4 is excluded from the comparison.
        - **Memory** is the peak of the process (`VmHWM`). It includes the runtime of Python or Java and the model. Rows that
          were measured in one process have the same value.

        """);
    for (ThroughputResult result : results.throughput()) {
      comparison(result);
    }
  }

  private void comparison(ThroughputResult result) {
    text.append("### ").append(result.workload()).append(", ").append(result.model());
    text.append(
        "\n\n%s. Measured: %,d of these pairs, %.0f tokens each on average; each round scores all of them %s. Reference: %s.\n\n"
            .formatted(
                capitalised(result.workloadDescription()),
                result.pairs(),
                (double) result.tokens() / result.pairs(),
                result.repeats() == 1 ? "once" : result.repeats() + " times",
                result.reference()));
    MarkdownTable table =
        MarkdownTable.in(
            text,
            List.of(
                "engine",
                "pairs/s",
                "tokens/s",
                "ours fp32 ÷ this",
                "CPU ms/pair",
                "logit error",
                "peak MB"));
    for (ThroughputResult.Contender contender : result.contenders()) {
      List<Double> rates = result.pairsPerSecond(contender);
      List<Double> ratios = result.ratios(Engines.OURS, contender.engine());
      ThroughputResult.ScoreError error = contender.error();
      table.row(
          List.of(
              contender.engine()
                  + (contender.settings().isEmpty() ? "" : " (" + contender.settings() + ")"),
              Summary.of(rates).text(),
              Summary.number(Summary.median(rates) * result.tokens() / result.pairs()),
              contender.engine().equals(Engines.OURS)
                  ? ""
                  : ratios.isEmpty() ? "excluded" : Summary.of(ratios).text(),
              Summary.number(Summary.median(result.cpuMillisPerPair(contender))),
              contender.engine().equals(result.reference())
                  ? "reference"
                  : String.format(
                      Locale.ROOT,
                      "%.0e, %.0e, %.0e",
                      error.median(),
                      error.percentile99(),
                      error.largest()),
              String.format(Locale.ROOT, "%.0f", contender.memory().peakBytes() / 1e6)));
    }
    text.append('\n');
    result
        .absent()
        .forEach(
            (engine, reason) ->
                text.append("Not measured: %s. Reason: %s\n\n".formatted(engine, reason)));
    List<Double> others =
        result.contenders().stream()
            .flatMap(contender -> contender.turns().stream())
            .map(ThroughputResult.Turn::otherCpuShare)
            .toList();
    text.append(
        String.format(
            Locale.ROOT,
            "Other processes used a median of %.1f %% of the machine's CPU time during the rounds, and at most %.1f %%.%n%n",
            100 * Summary.median(others),
            100 * Summary.percentile(others, 1)));
  }

  private static String capitalised(String sentence) {
    return sentence.substring(0, 1).toUpperCase(Locale.ROOT) + sentence.substring(1);
  }

  private Map<String, Environment> environments() {
    Map<String, Environment> all = new LinkedHashMap<>();
    for (ThroughputResult result : results.throughput()) {
      all.put("throughput-" + result.workload() + "-" + result.model(), result.environment());
    }
    results.limit().ifPresent(result -> all.put("limit", result.environment()));
    results.pipeline().ifPresent(result -> all.put("pipeline", result.environment()));
    results.latency().ifPresent(result -> all.put("latency", result.environment()));
    results.cpu().ifPresent(result -> all.put("cpu", result.environment()));
    results.endurance().ifPresent(result -> all.put("endurance", result.environment()));
    results.coldStart().ifPresent(result -> all.put("cold-start", result.environment()));
    return all;
  }

  private void environment() {
    Map<String, Environment> environments = environments();
    if (environments.isEmpty()) {
      return;
    }
    text.append("## Hardware and versions\n\n");
    MarkdownTable machines = MarkdownTable.in(text, List.of("", ""));
    Map<String, String> versions = new TreeMap<>();
    for (Environment environment : List.copyOf(environments.values())) {
      versions.putAll(environment.versions());
    }
    environments.values().stream()
        .map(Environment::machine)
        .distinct()
        .forEach(machine -> machines.row(List.of("machine", machine)));
    versions.forEach((name, version) -> machines.row(List.of(name, version)));
    text.append(
        "\nEach file contains the raw results of one run. The last column is the share of the machine's CPU time that other processes\nused from the start of the section to the last change of the file:\n\n");
    MarkdownTable files =
        MarkdownTable.in(
            text, List.of("file", "measured", "commit", "threads", "rounds", "others' CPU"));
    environments.forEach(
        (name, environment) ->
            files.row(
                List.of(
                    "[%1$s.json](%2$s/%1$s.json)".formatted(name, folderName),
                    environment.date(),
                    environment.commit(),
                    String.valueOf(environment.threads()),
                    String.valueOf(environment.rounds()),
                    String.format(Locale.ROOT, "%.1f %%", 100 * environment.otherCpuShare()))));
    text.append('\n');
  }

  private void repetition() {
    text.append(
        """
        ## How to repeat the measurements

        This command measures everything and writes this page:

            ./mvnw -q -Dquick -Pbenchmark package -pl testing/benchmarks -am -Dcrossencoder.data=/path/to/data \\
              -Dbenchmark.python=/path/to/venv/bin/python

        With `-Dbenchmark.sections=latency,cpu` it measures two sections and keeps the other results.
        [testing/benchmarks/README.md](../testing/benchmarks/README.md) describes the other options.

        ## Not measured

        - GPUs, because none was available, ARM, and CPUs other than those above.
        - The weights of the published models, because they were not available. The models have the published configurations and
          vocabularies, and random weights.
        - Several slots or TaskManagers, and brokers on other machines. Here the broker shares the cores with the job.

        """);
  }
}
