package dev.crossencoder.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.cli.command.CommandFailedException;
import dev.crossencoder.cli.command.DownloadProgress;
import dev.crossencoder.cli.command.ExitCodes;
import dev.crossencoder.cli.command.ModelOptions;
import dev.crossencoder.cli.command.Progress;
import dev.crossencoder.cli.local.DemoData;
import dev.crossencoder.cli.local.DemoRecord;
import dev.crossencoder.cli.local.DemoRecords;
import dev.crossencoder.cli.local.LocalCluster;
import dev.crossencoder.cli.local.LocalRun;
import dev.crossencoder.job.CrossEncoderJob;
import dev.crossencoder.job.options.JobConfig;
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
import java.util.concurrent.ExecutionException;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
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
      "Sends text pairs, some of them malformed, and reads scores and dead letters.",
      "The last line of the output is JSON. The exit code is 0 only if every record has exactly one result."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  cross-encoder demo",
      "  cross-encoder demo --model demo-nli --records 1000 --no-ui --output results.jsonl"
    })
public final class DemoCommand implements Callable<Integer> {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String JOB_NAME = "cross-encoder-demo";
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
      names = "--model",
      paramLabel = "M",
      defaultValue = "demo-qa",
      description = ModelOptions.MODELS + " By default ${DEFAULT-VALUE}.")
  private String model;

  @Option(
      names = "--no-ui",
      description =
          "End when all records have a result, instead of keeping Flink's web UI available until Ctrl-C.")
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
    out = spec.commandLine().getOut();
    try (LocalRun local = LocalRun.start("cross-encoder-demo")) {
      return run(local);
    }
  }

  private int run(LocalRun local) throws Exception {
    say("Preparing the model %s …", model);
    Bundle bundle = DownloadProgress.resolve(model);
    List<DemoRecord> records = data(bundle).records(count);
    if (input != null) {
      writeSent(records);
    }
    say("Starting Kafka …");
    try (EmbeddedKafka kafka = EmbeddedKafka.start(local.folder().resolve("kafka"))) {
      for (String topic : List.of(DemoTopics.INPUT, DemoTopics.OUTPUT, DemoTopics.DEAD_LETTERS)) {
        kafka.createTopic(topic, PARTITIONS);
      }
      int slots = Math.min(PARTITIONS, Runtime.getRuntime().availableProcessors());
      say("Starting Flink …");
      try (LocalCluster flink = LocalCluster.start(slots, local.folder())) {
        say("Flink's web UI is at %s", flink.address());
        say("Metrics for Prometheus are at %s", flink.metrics());
        JobClient job = submit(flink, kafka, slots);
        int exitCode = follow(job, kafka.bootstrapServers(), records);
        if (!noUi) {
          say("Flink's web UI and metrics stay there until Ctrl-C.");
          local.awaitInterrupt();
        }
        job.cancel().get();
        return exitCode;
      }
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
    say("Submitting the job …");
    Configuration options =
        Configuration.fromMap(
            Map.of(
                "bootstrap-servers",
                kafka.bootstrapServers(),
                "input.topic",
                DemoTopics.INPUT,
                "output.topic",
                DemoTopics.OUTPUT,
                "dead-letter.topic",
                DemoTopics.DEAD_LETTERS,
                "job.name",
                JOB_NAME,
                "checkpoint.interval",
                "1s",
                "parallelism",
                String.valueOf(slots),
                "cross-encoder.model",
                model));
    StreamExecutionEnvironment environment = flink.environment();
    CrossEncoderJob.build(environment, JobConfig.from(options));
    JobClient job = environment.executeAsync(JOB_NAME);
    while (!flink.isRunning(job.getJobID())) {
      failIfEnded(job);
      Thread.sleep(50);
    }
    return job;
  }

  private static void failIfEnded(JobClient job) throws Exception {
    JobStatus status = job.getJobStatus().get();
    if (!status.isGloballyTerminalState()) {
      return;
    }
    try {
      job.getJobExecutionResult().get();
    } catch (ExecutionException e) {
      throw new CommandFailedException("The job has ended: " + rootCause(e), e);
    }
    throw new CommandFailedException("The job has ended with the status " + status);
  }

  private static Throwable rootCause(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  /** Sends the records, reads results until every record has one, and prints a report. */
  private int follow(JobClient job, String bootstrapServers, List<DemoRecord> records)
      throws Exception {
    DemoTopics topics = new DemoTopics(bootstrapServers);
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
        failIfEnded(job);
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
