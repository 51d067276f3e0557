package dev.crossencoder.benchmark.quality;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;

import dev.crossencoder.benchmark.quality.QualityResult.Row;
import dev.crossencoder.benchmark.quality.QualityResult.Skipped;
import dev.crossencoder.benchmark.report.Environment;
import dev.crossencoder.benchmark.report.MarkdownTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Generates {@code docs/quality.md} with its pictures from the results. */
public final class QualityPage {
  private final StringBuilder text = new StringBuilder();
  private final List<QualityResult> results;
  private final String folder;

  private QualityPage(List<QualityResult> results, String folder) {
    this.results = results;
    this.folder = folder;
  }

  /** Writes the page, and the pictures into the folder of the results. */
  public static void write(QualityFiles files, Path page) throws IOException {
    for (QualityResult result : files.read()) {
      QualityChart.write(result, files.picture(result));
    }
    Files.createDirectories(page.toAbsolutePath().getParent());
    Files.writeString(page, text(files));
  }

  /** The page's text. */
  public static String text(QualityFiles files) throws IOException {
    return new QualityPage(files.read(), String.valueOf(files.folder().getFileName())).text();
  }

  private String text() {
    text.append(
        """
        # Fewer bits, known loss

        <!-- Generated from the results in %s/. To regenerate this page without measuring:
             ./mvnw -q -Dquick -Pbenchmark package -pl testing/benchmarks -am -Dbenchmark=WriteQualityPage -->

        """
            .formatted(folder));
    if (results.stream().anyMatch(result -> result.environment().quick())) {
      text.append("**Made by a trial run (`-Dbenchmark.quick`): the numbers are not valid.**\n\n");
    }
    text.append(
        """
        This page shows what int8, fewer tokens and chunks cost in quality and gain in speed. The models are the
        [embedded ones](../demo-models/README.md). The data are held out: no embedded model was trained on them.

        - **fp32** and **int8** read 512 tokens of a pair, the limit of the models.
        - **256 tokens** and **128 tokens** are `--max-length`: the rest of a longer pair is not read.
        - **Chunks** are `--long-document chunk`: a text that does not fit is divided, and the best chunk counts.
        - **Change** is the figure minus that of fp32, with its 95 %% interval and p-value from a paired bootstrap (10,000
          resamples). If the interval contains 0, these data do not show a difference.
        - **Pairs/s** includes tokenization. All pairs are scored once, after a warm-up of %d pairs. **Others' CPU** is the share
          of all cores that other processes used meanwhile; above %.0f %%, a setting was measured again and the better pass taken.

        The figures are those of [`evaluate`](evaluate.md), which compares your own model on your own data in the same way:
        `--compare precision=int8` or `--compare max-length=128`.

        """
            .formatted(QualityMeasurement.WARM_UP, 100 * QualityMeasurement.DISTURBED));
    results.forEach(this::result);
    limits();
    machine();
    repetition();
    return text.toString();
  }

  private void result(QualityResult result) {
    text.append("## `%s` on %s\n\n".formatted(result.model(), result.title()));
    text.append(
        String.format(
            Locale.ROOT,
            "Input: %s. %s%,d pairs with %.0f tokens on average and at most %,d.%n%n",
            result.input(),
            result.size() == result.pairs()
                ? ""
                : String.format(Locale.ROOT, "%,d %s, ", result.size(), result.unit()),
            result.pairs(),
            result.meanTokens(),
            result.longest()));
    MarkdownTable table =
        MarkdownTable.in(
            text,
            List.of(
                "setting",
                result.figure(),
                "change",
                "95 % interval",
                "p",
                "pairs/s",
                "÷ fp32",
                "truncated pairs",
                "others' CPU"));
    if (result.before() != null) {
      table.row(List.of("before reranking", number(result.before()), "", "", "", "", "", "", ""));
    }
    double baseRate = result.rate(result.rows().get(0));
    for (Row row : result.rows()) {
      List<String> cells = new ArrayList<>(List.of(row.setting(), number(row.value())));
      if (row.change() == null) {
        cells.addAll(List.of("", "", ""));
      } else {
        cells.add(signed(row.change().value()));
        cells.add(signed(row.change().low()) + " to " + signed(row.change().high()));
        cells.add(number(row.change().pValue()));
      }
      cells.add(String.format(Locale.ROOT, "%.1f", result.rate(row)));
      cells.add(String.format(Locale.ROOT, "%.2f", result.rate(row) / baseRate));
      cells.add(String.format(Locale.ROOT, "%,d", row.truncated()));
      cells.add(String.format(Locale.ROOT, "%.1f %%", 100 * row.otherCpuShare()));
      table.row(cells);
    }
    text.append('\n');
    Map<String, List<String>> skipped =
        result.skipped().stream()
            .collect(
                groupingBy(
                    Skipped::reason, LinkedHashMap::new, mapping(Skipped::setting, toList())));
    skipped.forEach(
        (reason, settings) ->
            text.append(
                "Not measured, because %s: %s.\n\n"
                    .formatted(reason, String.join("; ", settings))));
    text.append(
        "![%s and pairs per second of %s](%s/%s.png)\n\n"
            .formatted(result.figure(), result.model(), folder, result.data()));
  }

  private void limits() {
    text.append(
        """
        ## What these figures do not say

        - **Other models.** No published model could be downloaded where this was measured. What int8 costs depends on the
          weights: compare your own model with `evaluate --compare precision=int8`.
        - **Other architectures.** [Performance](performance.md) and the tests compare int8 with fp32 for every architecture,
          but with random weights. The differences of logits there show that a program is right. They are not a loss of
          quality: random weights have no quality to lose.
        - **Other processors.** int8 gains less speed without VNNI, and its scores differ a little between AVX2 and AVX-512: see
          [int8 on a CPU](models.md#int8-on-a-cpu).

        """);
  }

  private void machine() {
    text.append("## Hardware and versions\n\n");
    MarkdownTable table = MarkdownTable.in(text, List.of("", ""));
    results.stream()
        .map(QualityResult::environment)
        .map(Environment::machine)
        .distinct()
        .forEach(machine -> table.row(List.of("machine", machine)));
    Map<String, String> versions = new TreeMap<>();
    results.forEach(result -> versions.putAll(result.environment().versions()));
    versions.forEach((name, version) -> table.row(List.of(name, version)));
    text.append('\n');
    MarkdownTable files =
        MarkdownTable.in(text, List.of("file", "model", "measured", "commit", "threads"));
    for (QualityResult result : results) {
      Environment environment = result.environment();
      files.row(
          List.of(
              "[%1$s.json](%2$s/%1$s.json)".formatted(result.data(), folder),
              "%s, `%.19s…`".formatted(result.model(), result.digest()),
              environment.date(),
              environment.commit(),
              String.valueOf(environment.threads())));
    }
    text.append('\n');
  }

  private void repetition() {
    text.append(
        "## How to repeat the measurement\n\nThese commands measured the results above:\n\n");
    results.stream()
        .map(QualityResult::command)
        .distinct()
        .forEach(command -> text.append("    ").append(command).append('\n'));
    text.append(
        """

        `/path/to/data` has the files that are named above. [testing/benchmarks/README.md](../testing/benchmarks/README.md#quality)
        describes the options.
        """);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }

  private static String signed(double value) {
    return String.format(Locale.ROOT, "%+.4f", value);
  }
}
