package dev.crossencoder.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.cli.command.DownloadProgress;
import dev.crossencoder.cli.command.ExitCodes;
import dev.crossencoder.cli.command.ModelOptions;
import dev.crossencoder.cli.command.Progress;
import dev.crossencoder.cli.local.DemoData;
import dev.crossencoder.cli.local.DemoRecord;
import dev.crossencoder.cli.local.DemoRecords;
import dev.crossencoder.cli.local.LocalCluster;
import dev.crossencoder.cli.local.LocalJob;
import dev.crossencoder.cli.local.LocalRun;
import dev.crossencoder.cli.local.LocalTopics;
import dev.crossencoder.cli.local.RoundTrips;
import dev.crossencoder.cli.page.PageServer;
import dev.crossencoder.kafka.EmbeddedKafka;
import dev.crossencoder.model.bundle.Bundle;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.flink.core.execution.JobClient;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code cross-encoder demo}: runs the Kafka job with a broker and a Flink cluster in this process,
 * and checks that no record is lost or duplicated.
 */
@Command(
    name = "demo",
    description = {
      "Runs the Kafka job with a Kafka broker and a Flink cluster inside this process.",
      "Sends text pairs, some of them malformed, and reads scores and dead letters. Another scenario sends other records.",
      "The last line of the output is JSON. The exit code is 0 only if every record has exactly one result.",
      "Then a page in your browser ranks your own texts, and Flink's web UI shows the jobs, until Ctrl-C."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  cross-encoder demo",
      "  cross-encoder demo --scenario rerank",
      "  cross-encoder demo --scenario live --no-ui",
      "  cross-encoder demo --model demo-nli --records 1000 --no-ui --output results.jsonl"
    })
public final class DemoCommand implements Callable<Integer> {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String JOB_NAME = "cross-encoder-demo";
  private static final String PAGE_JOB_NAME = JOB_NAME + "-page";

  /** How long a list may take: the first one may wait for the job to start. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private static final int PARTITIONS = 2;
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration STALL = Duration.ofMinutes(2);

  @Spec private CommandSpec spec;

  @Option(
      names = "--records",
      paramLabel = "N",
      defaultValue = "300",
      description = "The number of records to send (default: ${DEFAULT-VALUE}).")
  private int count;

  @Option(
      names = "--scenario",
      paramLabel = "S",
      defaultValue = "pairs",
      description =
          "What the records are: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}). rerank sends queries with documents and shows how their order changes. long does so with documents that do not fit, and shows the sentence that decided. live changes the model while records arrive, and shows which one scored which offsets. classify gives texts labels for which the model was not trained.",
      completionCandidates = Scenario.Names.class,
      converter = Scenario.Converter.class)
  private Scenario scenario;

  @Option(
      names = "--model",
      paramLabel = "M",
      description =
          ModelOptions.MODELS
              + " By default demo-rank; demo-nli for the scenario classify; demo-qa for the scenario live, which changes it to demo-rank.")
  private String model;

  @Option(
      names = "--no-ui",
      description =
          "End when all records have a result, instead of serving the page and Flink's web UI until Ctrl-C.")
  private boolean noUi;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description =
          "Write the output records to a file, one JSON object per line: topic, partition, key, value, headers. Bytes that are not UTF-8 are written as value_base64.")
  private Path output;

  @Option(
      names = "--input",
      paramLabel = "FILE",
      description =
          "Write the input records to a file in the same form, to compare them with the output.")
  private Path input;

  private PrintWriter out;

  @Override
  public Integer call() throws Exception {
    if (count <= 0) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "Invalid --records: %d. It must be positive.".formatted(count));
    }
    if (model == null) {
      model = scenario.defaultModel();
    }
    if (scenario != Scenario.PAIRS) {
      refuseOptionsOfPairs();
    }
    out = spec.commandLine().getOut();
    try (LocalRun local = LocalRun.start("cross-encoder-demo")) {
      return run(local);
    }
  }

  private void refuseOptionsOfPairs() {
    for (String option : List.of("--records", "--input", "--output")) {
      if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
        throw new CommandLine.ParameterException(
            spec.commandLine(),
            "Invalid %s with --scenario %s. It belongs to the scenario pairs."
                .formatted(option, scenario.key()));
      }
    }
  }

  private int run(LocalRun local) throws Exception {
    say("Preparing the model %s …", model);
    Bundle bundle = DownloadProgress.resolve(model);
    boolean pageIsServed = !noUi && bundle.manifest().numLabels() == 1;
    say("Starting Kafka …");
    try (EmbeddedKafka kafka = EmbeddedKafka.start(local.folder().resolve("kafka"))) {
      int slots = Math.min(PARTITIONS, Runtime.getRuntime().availableProcessors());
      say("Starting Flink …");
      try (LocalCluster flink =
          LocalCluster.start(pageIsServed ? slots + 1 : slots, local.folder())) {
        say("Flink's web UI is at %s", flink.address());
        say("Metrics for Prometheus are at %s", flink.metrics());
        if (scenario == Scenario.LIVE) {
          int exitCode = new LiveDemo(model, out, this::say).run(kafka, flink, slots);
          if (pageIsServed) {
            servePage(local, kafka, flink);
          } else {
            keepUi(local);
          }
          return exitCode;
        }
        if (scenario != Scenario.PAIRS) {
          return runLists(local, kafka, flink, pageIsServed);
        }
        JobClient job = submit(flink, kafka, slots);
        int exitCode = follow(job, kafka.bootstrapServers(), data(bundle).records(count));
        if (pageIsServed) {
          servePage(local, kafka, flink);
        } else {
          keepUi(local);
        }
        job.cancel().get();
        return exitCode;
      }
    }
  }

  private void keepUi(LocalRun local) throws InterruptedException {
    if (!noUi) {
      say("The page ranks with a model of one label, and %s has several.", model);
      say("Flink's web UI and metrics stay there until Ctrl-C.");
      local.awaitInterrupt();
    }
  }

  private void servePage(LocalRun local, EmbeddedKafka kafka, LocalCluster flink) throws Exception {
    LocalTopics topics = LocalTopics.of(PAGE_JOB_NAME);
    try (RoundTrips trips = RoundTrips.start(kafka, topics, PATIENCE)) {
      JobClient job =
          LocalJob.submit(
              flink,
              PAGE_JOB_NAME,
              kafka.bootstrapServers(),
              topics,
              Scenario.LONG.jobOptions(model));
      servePage(local, trips);
      job.cancel().get();
    }
  }

  private void servePage(LocalRun local, RoundTrips trips) throws Exception {
    try (PageServer page = PageServer.start(trips::send)) {
      say("Rank your own texts at %s", page.address());
      say("The page, Flink's web UI and metrics stay there until Ctrl-C.");
      local.awaitInterrupt();
    }
  }

  /** Runs a scenario whose records have lists, and serves the page with the same job. */
  private int runLists(
      LocalRun local, EmbeddedKafka kafka, LocalCluster flink, boolean pageIsServed)
      throws Exception {
    String name = JOB_NAME + "-" + scenario.key();
    LocalTopics topics = LocalTopics.of(name);
    try (RoundTrips trips = RoundTrips.start(kafka, topics, PATIENCE)) {
      say("Submitting the job …");
      JobClient job =
          LocalJob.submit(
              flink, name, kafka.bootstrapServers(), topics, scenario.jobOptions(model));
      int exitCode = new ListDemo(scenario, out).run(trips);
      if (pageIsServed) {
        servePage(local, trips);
      } else {
        keepUi(local);
      }
      job.cancel().get();
      return exitCode;
    }
  }

  private void writeSent(List<DemoRecord> records) throws IOException {
    try (DemoOutput file = DemoOutput.create(input)) {
      for (DemoRecord record : records) {
        file.write(DemoTopics.INPUT, record);
      }
    }
  }

  private static DemoData data(Bundle bundle) {
    return bundle.manifest().numLabels() == 1 ? DemoData.questions() : DemoData.premises();
  }

  private JobClient submit(LocalCluster flink, EmbeddedKafka kafka, int slots) throws Exception {
    LocalTopics topics =
        new LocalTopics(DemoTopics.INPUT, DemoTopics.OUTPUT, DemoTopics.DEAD_LETTERS);
    for (String topic : List.of(topics.input(), topics.output(), topics.deadLetters())) {
      kafka.createTopic(topic, PARTITIONS);
    }
    say("Submitting the job …");
    return LocalJob.submit(
        flink,
        JOB_NAME,
        kafka.bootstrapServers(),
        topics,
        Map.of(
            "checkpoint.interval",
            "1s",
            "parallelism",
            String.valueOf(slots),
            "cross-encoder.model",
            model));
  }

  /** Sends the records, reads results until every record has one, and prints a report. */
  private int follow(JobClient job, String bootstrapServers, List<DemoRecord> records)
      throws Exception {
    DemoTopics topics = new DemoTopics(bootstrapServers);
    if (input != null) {
      writeSent(records);
    }
    say("Sending %,d records …", records.size());
    DemoLedger ledger = new DemoLedger(records);
    List<JsonNode> scored = new ArrayList<>();
    long start = System.nanoTime();
    DemoRecords.send(bootstrapServers, DemoTopics.INPUT, records);
    double seconds;
    long read;
    try (DemoOutput file = output == null ? null : DemoOutput.create(output);
        Consumer<byte[], byte[]> results = topics.results();
        Progress progress = Progress.start("Reading back", "records", records.size())) {
      long lastResult = System.nanoTime();
      while (!ledger.isComplete() && System.nanoTime() - lastResult < STALL.toNanos()) {
        for (ConsumerRecord<byte[], byte[]> result : results.poll(POLL)) {
          lastResult = System.nanoTime();
          take(result, ledger, scored, file);
        }
        progress.update(ledger.returned());
        LocalJob.failIfEnded(job);
      }
      seconds = (System.nanoTime() - start) / 1e9;
      read = topics.recordsRead(JOB_NAME, records.size(), Duration.ofSeconds(10));
      // Read to the end: a duplicate may arrive late.
      while (!DemoTopics.isAtEnd(results)) {
        for (ConsumerRecord<byte[], byte[]> result : results.poll(POLL)) {
          take(result, ledger, scored, file);
        }
      }
    }
    out.println(DemoReport.of(scored));
    List<String> complaints = ledger.complaints();
    complaints.forEach(complaint -> spec.commandLine().getErr().println(complaint));
    out.println(summary(read, ledger, seconds));
    out.flush();
    return complaints.isEmpty() && read == records.size()
        ? CommandLine.ExitCode.OK
        : ExitCodes.FAILURE;
  }

  private static void take(
      ConsumerRecord<byte[], byte[]> result,
      DemoLedger ledger,
      List<JsonNode> scored,
      DemoOutput file)
      throws IOException {
    String id = new String(result.key(), StandardCharsets.UTF_8);
    if (result.topic().equals(DemoTopics.OUTPUT)) {
      ledger.scored(id);
      scored.add(MAPPER.readTree(result.value()));
    } else {
      ledger.deadLetter(id);
    }
    if (file != null) {
      file.write(result);
    }
  }

  private static String summary(long read, DemoLedger ledger, double seconds) throws IOException {
    ObjectNode summary = MAPPER.createObjectNode();
    summary.put("read", read);
    summary.put("scored", ledger.scored());
    summary.put("dead_letters", ledger.deadLetters());
    summary.put("seconds", Math.round(seconds * 100) / 100.0);
    summary.put("pairs_per_second", Math.round(ledger.scored() / seconds * 10) / 10.0);
    return MAPPER.writeValueAsString(summary);
  }

  private void say(String format, Object... values) {
    PrintWriter err = spec.commandLine().getErr();
    // Flush after each line: other programs wait for some lines.
    err.print(format.formatted(values) + System.lineSeparator());
    err.flush();
  }
}
