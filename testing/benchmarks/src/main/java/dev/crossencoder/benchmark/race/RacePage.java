package dev.crossencoder.benchmark.race;

import dev.crossencoder.benchmark.race.RaceResult.Entry;
import dev.crossencoder.benchmark.race.RaceResult.Kill;
import dev.crossencoder.benchmark.race.RaceResult.Load;
import dev.crossencoder.benchmark.race.RaceResult.Scores;
import dev.crossencoder.benchmark.race.RaceResult.Tried;
import dev.crossencoder.benchmark.report.Bar;
import dev.crossencoder.benchmark.report.Bar.Unit;
import dev.crossencoder.benchmark.report.Environment;
import dev.crossencoder.benchmark.report.MarkdownTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Generates {@code docs/comparison.md} with its pictures from the results. */
public final class RacePage {
  private final StringBuilder text = new StringBuilder();
  private final List<RaceResult> results;
  private final String folder;
  private final String notes;

  private RacePage(List<RaceResult> results, String folder, String notes) {
    this.results = results;
    this.folder = folder;
    this.notes = notes;
  }

  /** Writes the page, and the pictures into the folder of the results. */
  public static void write(RaceFiles files, Path page) throws IOException {
    for (RaceResult result : files.read()) {
      RaceChart.write(result, picture(files, result));
    }
    Files.createDirectories(page.toAbsolutePath().getParent());
    Files.writeString(page, text(files));
  }

  /** The picture of a result. */
  static Path picture(RaceFiles files, RaceResult result) {
    return files.folder().resolve(RaceFiles.name(result) + ".png");
  }

  /** The page's text. */
  static String text(RaceFiles files) throws IOException {
    return new RacePage(files.read(), String.valueOf(files.folder().getFileName()), files.notes())
        .text();
  }

  private String text() {
    text.append(
        """
        # Compared with the alternatives

        <!-- Generated from the results in %s/. To regenerate this page without measuring:
             ./mvnw -q -Dquick -Pbenchmark package -pl testing/benchmarks -am -Dbenchmark=WriteComparisonPage -->

        """
            .formatted(folder));
    if (results.stream().anyMatch(result -> result.environment().quick())) {
      text.append("**Made by a trial run (`-Dbenchmark.quick`): the numbers are not valid.**\n\n");
    }
    text.append(
        """
        This page compares this project with what else a Flink user can run to score pairs with a cross-encoder. Every
        contender reads the same records from the same Kafka broker, scores them with the same checkpoint in fp32, and writes
        them to Kafka, with an unmodified Flink distribution on the same cores. The broker and the sender of the records share
        these cores.

        - A record's **latency** is the time at which the broker appended its result minus the time at which the record was
          to be sent. Records are sent at a fixed rate, however late the results are. The first %.0f %% of each load are dropped.
          The load at half of the saturation lasts %d s, the others %d s.
        - A rate is **sustainable** if all records come back, at least 98 %% of them while others are sent (apart from those of a
          quarter of a second), and the median latency of the last quarter is at most 1.5 times that of the second quarter plus
          250 ms. The highest sustainable rate is found by bisection.
        - **The best other** is the contender that is not part of this project with the highest sustainable rate.
        - **Saturation** is the rate of a contender when records always wait. Latencies are compared at shares of the highest
          saturation of the others.
        - **Bursts**: %d s at %.0f %% of that saturation in every %d s, and %.0f %% between them.
        - **Memory** is the peak of the proportional set size of all processes, every two seconds. The broker and the sender are not
          part of it.
        - **Killed**: one process is killed with SIGKILL while records are sent at %.0f %% of the contender's own sustainable
          rate, with exactly-once delivery. A killed TaskManager is started again after 1 s, a killed server after 5 s. Outputs
          are read with `read_committed`, and counted by id.

        The method follows Crayfish (Horchidan et al., *Crayfish: Navigating the Labyrinth of Machine Learning Inference in
        Stream Processing Systems*, EDBT 2024).

        """
            .formatted(
                100 * Sample.WARM_UP,
                RaceTimes.FULL.halfLoadSeconds(),
                RaceTimes.FULL.loadSeconds(),
                LoadSchedule.BURST_SECONDS,
                100 * LoadSchedule.BURST,
                LoadSchedule.EVERY_SECONDS,
                100 * LoadSchedule.BASE,
                100 * RaceCourse.KILL_SHARE));
    if (results.isEmpty()) {
      text.append("There are no results yet.\n\n");
    }
    results.forEach(this::result);
    text.append(
        SETUP.formatted(RaceTimes.FULL.raceWarmUpSeconds(), RaceTimes.FULL.warmUpSeconds()));
    if (!results.isEmpty()) {
      machine();
    }
    repetition();
    if (!notes.isEmpty()) {
      text.append('\n').append(notes);
    }
    return text.toString();
  }

  private void result(RaceResult result) {
    text.append("## `%s` on %s\n\n".formatted(result.model(), processor(result)));
    text.append(
        String.format(
            Locale.ROOT,
            "The model has %s. %,d pairs of TREC DL 2019 are sent in turn, in random order."
                + " Measured on %s.%n%n",
            result.description(),
            result.pairs(),
            result.environment().date()));
    bars(result);
    rates(result);
    text.append(
        "![p99 by offered rate, %s on %s](%s/%s.png)\n\n"
            .formatted(result.model(), processor(result), folder, RaceFiles.name(result)));
    latencies(result);
    kills(result);
    tuning(result);
    result
        .absent()
        .forEach(
            one ->
                text.append(
                    "**%s did not run**: %s\n\n"
                        .formatted(
                            Contender.parse(one.contender()).title(),
                            one.reason().lines().findFirst().orElse(""))));
  }

  /** The name of the processor as its maker spells it, without marks, and its widest vectors. */
  private static String processor(RaceResult result) {
    Environment environment = result.environment();
    String vectors =
        environment.cpuFlags().contains("avx512f")
            ? " with AVX-512"
            : environment.cpuFlags().contains("avx2") ? " with AVX2" : "";
    return environment.cpu().replace("(R)", "").replace(" Processor", "") + vectors;
  }

  private void bars(RaceResult result) {
    MarkdownTable table =
        MarkdownTable.in(text, List.of("bar", "must", "goal", "measured", "verdict"));
    for (Bar bar : bars(result, result.ours(), result.bestOther())) {
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

  /** The requirements with their measured values. */
  static List<Bar> bars(RaceResult result, Optional<Entry> ours, Optional<Entry> other) {
    List<Double> rate = new ArrayList<>();
    List<Double> latency = new ArrayList<>();
    List<Double> memory = new ArrayList<>();
    if (ours.isPresent() && other.isPresent()) {
      rate.add(ours.get().sustainable() / other.get().sustainable());
      memory.add((double) ours.get().allBytes() / other.get().allBytes());
      Optional<Load> mine = ours.get().load(LoadSchedule.BASE);
      Optional<Load> its = other.get().load(LoadSchedule.BASE);
      if (mine.isPresent() && its.isPresent()) {
        latency.add(mine.get().millis().p99() / its.get().millis().p99());
      }
    }
    String best = other.map(entry -> entry.which().title()).orElse("the best other");
    return List.of(
        new Bar("sustainable rate ÷ that of " + best, 2, 4, Unit.AT_LEAST, rate),
        new Bar("p99 at half of the others' saturation ÷ its p99", 0.7, 0.4, Unit.AT_MOST, latency),
        new Bar("memory ÷ its memory", 0.5, 0.5, Unit.AT_MOST, memory));
  }

  private void rates(RaceResult result) {
    double best = result.bestOther().map(Entry::sustainable).orElse(Double.NaN);
    MarkdownTable table =
        MarkdownTable.in(
            text,
            List.of(
                "",
                "sustainable records/s",
                "÷ best other",
                "saturation",
                "memory",
                "without JobManager",
                "largest difference of scores"));
    for (Entry entry : result.entries()) {
      table.row(
          List.of(
              entry.which().title(),
              entry.sustainable() == 0 ? "none found" : number(entry.sustainable()),
              Double.isNaN(best)
                  ? ""
                  : String.format(Locale.ROOT, "%.2f", entry.sustainable() / best),
              number(entry.saturation()),
              megabytes(entry.allBytes()),
              megabytes(entry.scoringBytes()),
              difference(entry.scores())));
    }
    text.append('\n');
  }

  private static String difference(Scores scores) {
    if (scores == null) {
      return "";
    }
    String value =
        String.format(Locale.ROOT, "%.1e (%,d pairs)", scores.largest(), scores.compared());
    return scores.largest() > Scores.TOLERANCE ? "**%s**".formatted(value) : value;
  }

  private void latencies(RaceResult result) {
    List<String> columns = new ArrayList<>(List.of("ms: p50 · p95 · p99"));
    for (double share : RaceCourse.SHARES) {
      columns.add(
          String.format(
              Locale.ROOT,
              "%.0f %% of the others' saturation, %s records/s",
              100 * share,
              number(share * result.saturation())));
    }
    columns.add("bursts");
    MarkdownTable table = MarkdownTable.in(text, columns);
    for (Entry entry : result.entries()) {
      List<String> cells = new ArrayList<>(List.of(entry.which().title()));
      for (double share : RaceCourse.SHARES) {
        cells.add(entry.load(share).map(RacePage::millis).orElse("–"));
      }
      cells.add(entry.burst() == null ? "–" : millis(entry.burst()));
      table.row(cells);
    }
    text.append("\n–: more than the contender sustains. \\*: it did not keep up.\n\n");
  }

  private static String millis(Load load) {
    return String.format(
        Locale.ROOT,
        "%,.0f · %,.0f · %,.0f%s",
        load.millis().p50(),
        load.millis().p95(),
        load.millis().p99(),
        load.sustained() ? "" : "*");
  }

  private void kills(RaceResult result) {
    if (result.entries().stream().allMatch(entry -> entry.kills().isEmpty())) {
      return;
    }
    MarkdownTable table =
        MarkdownTable.in(
            text,
            List.of(
                "exactly once",
                "killed",
                "records",
                "lost",
                "doubled",
                "longest time without output"));
    for (Entry entry : result.entries()) {
      for (Kill kill : entry.kills()) {
        if (kill.failure() == null) {
          table.row(
              List.of(
                  entry.which().title(),
                  kill.victim(),
                  String.format(Locale.ROOT, "%,d", kill.sent()),
                  String.format(Locale.ROOT, "%,d", kill.lost()),
                  String.format(Locale.ROOT, "%,d", kill.doubled()),
                  String.format(Locale.ROOT, "%.1f s", kill.gapSeconds())));
        } else {
          table.row(
              List.of(
                  entry.which().title(),
                  kill.victim(),
                  "not measured: " + kill.failure().lines().findFirst().orElse(""),
                  "",
                  "",
                  ""));
        }
      }
    }
    text.append('\n');
  }

  private void tuning(RaceResult result) {
    MarkdownTable table = MarkdownTable.in(text, List.of("setting", "saturation, records/s"));
    for (Entry entry : result.entries()) {
      for (Tried tried : entry.tried()) {
        boolean taken = tried.setting().equals(entry.setting());
        table.row(
            List.of(
                "%s: %s"
                    .formatted(
                        entry.which().title(),
                        taken ? "**%s**".formatted(tried.setting()) : tried.setting()),
                tried.rate() == 0 ? "failed" : number(tried.rate())));
      }
    }
    text.append("\nThe settings in bold were taken.\n\n");
  }

  private static final String SETUP =
      """
      ## How the contenders are set up

      The sources are in [testing/benchmarks](../testing/benchmarks/README.md#race).

      - **This project**: the [Kafka job](cluster.md) with default options, the [operator](operator.md) in a DataStream with
        default options, and [`ML_PREDICT`](sql.md) with 128 rows in flight; the memory is what `job --print-memory` prints. The
        engine of the bundle is tuned where a result lists both.
      - **PyFlink**: a Table API job from Kafka to Kafka with a [vectorized
        function](https://nightlies.apache.org/flink/flink-docs-release-2.2/docs/dev/table/udfs/python/vectorized_python_udfs/).
        Its `open` loads sentence-transformers' `CrossEncoder`, as [loading resources in
        UDFs](https://nightlies.apache.org/flink/flink-docs-release-2.2/docs/dev/table/udfs/python/python_udfs/) shows it.
        Arrow batch, bundle and the number of workers are tuned; a bundle that does not fill ends after 50 ms. [Thread
        mode](https://nightlies.apache.org/flink/flink-docs-release-2.2/docs/dev/python/python_execution_mode/) does not support
        vectorized functions: there the function has one pair at a time. Batches that such a function makes by itself, with
        timers, were not tried.
      - **Infinity**: Flink's [asynchronous
        I/O](https://nightlies.apache.org/flink/flink-docs-release-2.2/docs/dev/datastream/operators/asyncio/), unordered, to
        `/rerank` of [Infinity](https://michaelfeil.eu/infinity/) on the same machine. Each record has its own query, so that a
        request has one document. The servers, one or two, make the batches, for which hundreds of requests are in flight.
        `torch` is the engine.
      - **FastAPI**: the same to [a server of a few lines](../testing/benchmarks/src/main/python/race/server.py) around
        [`CrossEncoder.predict`](https://sbert.net/docs/cross_encoder/usage/usage.html), with PyTorch or OpenVINO in fp32. The
        asynchronous function sends a request when the server is free, with all records that wait, up to a limit.
        `predict` sorts them by length: the larger the requests, the less padding.
      - **DJL**: `CrossEncoderTranslator` with a [traced
        model](https://docs.djl.ai/master/docs/pytorch/how_to_convert_your_model_to_torchscript.html), in a map function with
        `predict`, or in a process function that collects records for `batchPredict`, with and without the [graph executor's
        optimization](https://docs.djl.ai/master/docs/development/inference_performance_optimization.html#graph-executor-optimization),
        which slows down inputs of many lengths. It has DJL and libtorch in the versions of this project.

      Each model has one or two torch threads per process or subtask, so that there are as many as cores. A TaskManager has
      as many slots as the job has subtasks, and the topics have two partitions. The memory of a TaskManager is as small as its
      job allows; that of the network is the same for all. All have `MALLOC_ARENA_MAX=2`, the same interval of checkpoints, a
      buffer timeout of 5 ms, heartbeats every second that time out after 10 s, and restarts after 1 s. Requests over HTTP are repeated every half second until
      they succeed. Kafka's clients have their default linger of 5 ms. Jobs score as fast as they can for %d s before the search
      for the sustainable rate, so that virtual machines have compiled their code, and for %d s before a setting is measured.
      The rates by which settings are compared are coarse where outputs come in large lumps: with 128 records at once, in steps
      of 13 records/s.

      **What could be unfair.** On machines with more cores, other settings may be better. A server on another machine would not
      share the cores, but would need more of them. PyFlink's function and Infinity could use ONNX Runtime or OpenVINO, as this
      project and FastAPI do:
      [Performance](performance.md) compares these engines without Flink. PyTorch is the build with CUDA that PyPI has, whose
      libraries are part of the processes; a build for CPUs needs less memory. The pairs have many different lengths; if all had the
      same length, packing would gain nothing. The authors of this project wrote the other contenders, too.

      """;

  private void machine() {
    text.append("## Hardware and versions\n\n");
    MarkdownTable table = MarkdownTable.in(text, List.of("", ""));
    results.stream()
        .map(result -> result.environment().machine())
        .distinct()
        .forEach(machine -> table.row(List.of("machine", machine)));
    Map<String, String> versions = new TreeMap<>();
    results.forEach(result -> versions.putAll(result.environment().versions()));
    versions.forEach((name, version) -> table.row(List.of(name, version)));
    text.append('\n');
    MarkdownTable files =
        MarkdownTable.in(
            text, List.of("file", "measured", "commit", "checkpoints every", "others' CPU"));
    for (RaceResult result : results) {
      Environment environment = result.environment();
      files.row(
          List.of(
              "[%1$s.json](%2$s/%1$s.json)".formatted(RaceFiles.name(result), folder),
              environment.date(),
              environment.commit(),
              String.format(Locale.ROOT, "%.0f s", result.checkpointMillis() / 1e3),
              String.format(Locale.ROOT, "%.1f %%", 100 * environment.otherCpuShare())));
    }
    text.append('\n');
  }

  private void repetition() {
    text.append("## How to repeat the measurement\n\n");
    results.stream()
        .map(RaceResult::command)
        .distinct()
        .forEach(command -> text.append("    ").append(command).append("\n\n"));
    text.append(
        """
        [testing/benchmarks/README.md](../testing/benchmarks/README.md#race) describes the options.
        """);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value < 100 ? "%.1f" : "%,.0f", value);
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%,.0f MB", bytes / 1e6);
  }
}
