package dev.crossencoder.benchmark.scaling;

import dev.crossencoder.benchmark.report.Environment;
import dev.crossencoder.benchmark.report.MarkdownTable;
import dev.crossencoder.benchmark.scaling.ScalingResult.Load;
import dev.crossencoder.benchmark.scaling.ScalingResult.Model;
import dev.crossencoder.benchmark.scaling.ScalingResult.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Generates {@code docs/sizing.md} from the results. */
public final class SizingPage {
  private static final List<Integer> RATES = List.of(10, 50, 100, 500, 1_000, 5_000);

  /** The largest number of cores of a layout. */
  private static final int MEASURED_CORES =
      Layout.ALL.stream().mapToInt(Layout::allCores).max().orElseThrow();

  private final StringBuilder text = new StringBuilder();
  private final ScalingResult result;
  private final String file;

  private SizingPage(ScalingResult result, String file) {
    this.result = result;
    this.file = file;
  }

  /** Writes the page. */
  public static void write(ScalingFiles files, Path page) throws IOException {
    Files.createDirectories(page.toAbsolutePath().getParent());
    Files.writeString(page, text(files));
  }

  /** The page's text. */
  public static String text(ScalingFiles files) throws IOException {
    return new SizingPage(files.read(), String.valueOf(files.file().getFileName())).text();
  }

  private String text() {
    text.append(
        """
        # Sizing

        <!-- Generated from the results in %1$s. To regenerate this page without measuring:
             ./mvnw -q -Dquick -Pbenchmark package -pl testing/benchmarks -am -Dbenchmark=WriteSizingPage -->

        """
            .formatted(file));
    if (result.environment().quick()) {
      text.append("**Made by a trial run (`-Dbenchmark.quick`): the numbers are not valid.**\n\n");
    }
    text.append(
        """
        This page shows how many cores and how much memory a rate of records needs, how that was computed, and how to
        measure your own model.

        """);
    plan();
    computation();
    own();
    layouts();
    loads();
    memory();
    limits();
    machine();
    return text.toString();
  }

  private void plan() {
    text.append("## A table to plan by\n\n");
    List<String> columns = new ArrayList<>(List.of("model", "tokens", "CPU ms per pair"));
    RATES.forEach(rate -> columns.add(String.format(Locale.ROOT, "%,d/s", rate)));
    columns.add("memory per TaskManager");
    MarkdownTable table = MarkdownTable.in(text, columns);
    for (Model model : result.models()) {
      Plan plan = Plan.of(result, model);
      List<String> cells =
          new ArrayList<>(
              List.of(
                  "`" + model.key() + "`",
                  number("%.0f", model.meanTokens()),
                  number("%.2f", plan.cpuMillisPerPair())));
      for (int rate : RATES) {
        int cores = plan.cores(rate);
        cells.add(number("%,d", cores) + (cores > MEASURED_CORES ? "\\*" : ""));
      }
      cells.add(mebibytes(plan.memory()));
      table.row(cells);
    }
    text.append(
        """

        The columns are records per second with one pair each; for lists, take documents per second. The cells are cores of
        the kind that is named [below](#hardware-and-versions). A cell with a star is computed, because no more than two
        cores were available.

        - Give a TaskManager one slot and as many cores as its container has, and leave `cross-encoder.cpu.threads` unset.
          More cores than a machine has need more TaskManagers, with as many input partitions as there are subtasks.
        - Set `taskmanager.memory.process.size` to the memory above, and `taskmanager.memory.task.off-heap.size` to the size of
          the weights plus 500 MB ([Kubernetes](../k8s/README.md#sizing)). Slots of a TaskManager share one model.

        """);
  }

  private void computation() {
    text.append(
        """
        ## How it was computed

            cores  = ⌈ rate ÷ (%.1f × pairs per second of one core) ⌉
            memory = %.2f × the largest resident memory of a TaskManager, rounded up to 256 MiB

        - **Pairs per second of one core**: half of those of a TaskManager with one slot on two cores, with more records in
          the topic than it can score. A core alone scores more than a core beside a busy one, because cores share caches,
          memory and clock rates, and those of virtual machines may be two threads of one core.
        - **%.0f %%** of that, so that the job catches up after a burst or a restart: after a minute without the job, it is level
          again in 2⅓ minutes. The smallest resources at which lag does not grow are
          [below](#the-smallest-resources-for-a-rate).
        - **Other lengths**: the time of a pair is nearly proportional to its tokens. Multiply by your mean number of tokens
          and divide by the one in the table.
        - **Other models**: the cost is nearly proportional to layers × hidden size². [Performance](performance.md#throughput)
          has pairs per second of seven sizes on two cores, and what int8 gains.

        """
            .formatted(Plan.UTILISATION, Plan.MEMORY_MARGIN, 100 * Plan.UTILISATION));
  }

  private void own() {
    text.append(
        """
        ## Measure your own model

        A bundle of your model (`bin/cross-encoder build`), one command, about four minutes:

            ./mvnw -q -Dquick -Pbenchmark package -pl testing/benchmarks -am -Dcrossencoder.data=/path/to/data \\
              -Dbenchmark=Scaling -Dbenchmark.jvm.arguments="-Dbenchmark.models=/path/to/bundle -Dbenchmark.results=target/mine.json -Dbenchmark.page=target/mine.md"

        Without this repository's build, the difference of two runs gives CPU time per pair: score 500 and then 2,500 of your
        own pairs on the machine that you plan for, and divide the difference of `user` + `sys` by 2,000.

            time bin/cross-encoder score --model /path/to/bundle 500.jsonl > scores.jsonl
            time bin/cross-encoder score --model /path/to/bundle 2500.jsonl > scores.jsonl

        In a running job, the metric [`pendingRecords`](metrics.md) says whether the job keeps up.

        """);
  }

  private void layouts() {
    text.append("## Subtasks and TaskManagers\n\n");
    text.append(
        "The Kafka job with more records in its topic than it can score. Input: %s. A TaskManager is bound to its cores, and `÷ one core` compares with the first row.%n%n"
            .formatted(result.input()));
    MarkdownTable table =
        MarkdownTable.in(
            text,
            List.of(
                "model",
                "TaskManagers × cores, subtasks",
                "pairs/s",
                "÷ one core",
                "CPU ms per pair"));
    for (Model model : result.models()) {
      Run one = result.run(model, Layout.ONE_CORE);
      for (Layout layout : Layout.ALL) {
        Run run = result.run(model, layout);
        table.row(
            List.of(
                "`" + model.key() + "`",
                layout.toString(),
                number("%.1f", run.pairsPerSecond()),
                number("%.2f", run.pairsPerSecond() / one.pairsPerSecond()),
                number("%.2f", run.cpuMillisPerPair())));
      }
    }
    text.append(
        """

        With two cores, broker, JobManager and the benchmark share the cores with the job; with one core, they have the other
        one. The CPU time is that of the TaskManagers alone, so it is comparable between the rows.

        """);
  }

  private void loads() {
    text.append("## The smallest resources for a rate\n\n");
    text.append(
        """
        Records arrive at a constant rate, and the lag of the consumer is watched. A rate is sustained if the lag grows by
        less than %.0f %% of it. This is the question that [Theodolite](https://www.theodolite.rocks/) asks: the smallest resources
        for a load.

        """
            .formatted(100 * Load.TOLERANCE));
    MarkdownTable table =
        MarkdownTable.in(
            text,
            List.of(
                "model",
                "records/s",
                "lag per second, 1 core",
                "lag per second, 2 cores",
                "smallest cores"));
    for (Model model : result.models()) {
      for (Load load : result.loads()) {
        if (load.model().equals(model.key())) {
          load(table, model, load);
        }
      }
    }
    text.append('\n');
  }

  private void load(MarkdownTable table, Model model, Load load) {
    boolean one = load.layout().equals(Layout.ONE_CORE);
    table.row(
        List.of(
            "`" + model.key() + "`",
            number("%.1f", load.offered()),
            one ? lag(load) : "",
            one ? "" : lag(load),
            smallest(model, load.offered()).map(String::valueOf).orElse("more than 2")));
  }

  private static String lag(Load load) {
    return number("%+.1f", load.lagPerSecond()) + (load.grows() ? ", grows" : "");
  }

  /** A rate is sustained by a layout that sustained a rate at least as high. */
  private Optional<Integer> smallest(Model model, double rate) {
    return result.loads().stream()
        .filter(load -> load.model().equals(model.key()))
        .filter(load -> !load.grows() && load.offered() >= rate)
        .map(load -> load.layout().allCores())
        .min(Integer::compare);
  }

  private void memory() {
    text.append("## Memory\n\n");
    MarkdownTable table =
        MarkdownTable.in(
            text,
            List.of(
                "model",
                "program and weights",
                "TaskManager with 1 slot",
                "with 4 slots",
                "of that heap in use, 4 slots"));
    for (Model model : result.models()) {
      Run one = result.run(model, Layout.ONE_CORE);
      Run four = result.run(model, new Layout(1, 2, 4));
      table.row(
          List.of(
              "`" + model.key() + "`",
              mebibytes(model.programBytes()),
              mebibytes(one.peakBytes()),
              mebibytes(four.peakBytes()),
              mebibytes(four.heapBytes())));
    }
    text.append(
        """

        The memory is `VmHWM`, the largest resident memory of the process since its start. It consists of the JVM (heap,
        metaspace, code), libtorch with its tables (some 80 MB), the weights, which slots share, and the activations of one
        pass for each scoring thread ([memory](performance.md#memory)).

        """);
  }

  private void limits() {
    text.append(
        """
        ## What was not measured

        - **More than two cores**, and TaskManagers on several machines. The table assumes that cores on other machines score
          as many pairs as the first one. They share nothing but Kafka; on one machine, memory bandwidth and clock rates make
          the last cores slower than the first.
        - **GPUs**: see [GPU](gpu.md).
        - **Real weights** of the published models. Speed does not depend on their values.

        """);
  }

  private void machine() {
    Environment environment = result.environment();
    text.append("## Hardware and versions\n\n");
    MarkdownTable table = MarkdownTable.in(text, List.of("", ""));
    table.row(List.of("machine", environment.machine()));
    table.row(List.of("measured", environment.date() + ", commit " + environment.commit()));
    table.row(List.of("each measurement", number("%.0f s", result.seconds())));
    table.row(List.of("others' CPU", number("%.1f %%", 100 * environment.otherCpuShare())));
    environment.versions().forEach((name, version) -> table.row(List.of(name, version)));
    text.append(
        "\nThe results are in [%1$s](%1$s). This command measured them:\n\n    %2$s\n"
            .formatted(file, result.command()));
  }

  private static String number(String format, Object value) {
    return String.format(Locale.ROOT, format, value);
  }

  private static String mebibytes(long bytes) {
    return number("%,.0f MiB", bytes / (double) (1 << 20));
  }
}
