package dev.crossencoder.fuzz;

import com.fasterxml.jackson.core.JsonPointer;
import dev.crossencoder.job.CrossEncoderJob;
import dev.crossencoder.job.options.JobArguments;
import dev.crossencoder.job.options.JobConfig;
import dev.crossencoder.job.options.TimePosition;
import dev.crossencoder.job.record.PairFields;
import dev.crossencoder.job.record.ScoreJson;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine;

/** The job's command line: an input's lines are its arguments. */
public final class OptionsFuzz {
  private static final CommandLine COMMAND = new CommandLine(CrossEncoderJob.command("job"));
  private static final String REQUIRED =
      "--bootstrap-servers\nk:1\n--input-topic\na\n--output-topic\nb\n--model\nm\n";

  private OptionsFuzz() {}

  /** Command lines with every option. */
  public static List<byte[]> seeds() {
    return Stream.of(
            "--from\n2026-01-31T00:00:00Z\n--until=latest\n--skip\n0:1;2:30\n--output-overwrite",
            "--input-text\n/a/0\n--input-text-pair\n/b~1\n--output-field\ns\n--parallelism\n2",
            "--checkpoint-interval\n10s\n--transaction-longest-outage\n1 h\n--delivery\nexactly-once",
            "--output-max-record-size\n1mb\n--output-logits\ntrue\n--distribution\nrebalance\n--job-name\nj",
            "--kafka\nsecurity.protocol=SSL\n--kafka\nsasl.jaas.config=${env:A}\n--dead-letter-topic\nd",
            "--batch-max-pairs\n8\n--batch-max-tokens\n512\n--batch-linger\n5ms\n--capacity\n64\n--order\nordered",
            "--timeout\n1 min\n--on-timeout\nfail\n--device\ngpu0\n--cpu-threads\n2\n--activation\nsigmoid\n--max-length\n64",
            "--model-digest\nsha256:" + "0a".repeat(32))
        .map(text -> (REQUIRED + text).getBytes(StandardCharsets.UTF_8))
        .toList();
  }

  /** Tries a command line. */
  public static boolean accepts(byte[] input) {
    String[] arguments = new String(input, StandardCharsets.UTF_8).split("\n", -1);
    return Bounds.check(input.length, IllegalArgumentException.class, () -> read(arguments));
  }

  private static void read(String[] arguments) {
    try {
      CommandLine.ParseResult parsed = COMMAND.parseArgs(arguments);
      if (!parsed.isUsageHelpRequested() && !parsed.isVersionHelpRequested()) {
        requireUsable(JobConfig.from(JobArguments.read(parsed)));
      }
    } catch (CommandLine.ParameterException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /** Does with options what the job does with them later, when nobody is told of errors. */
  static void requireUsable(JobConfig config) {
    byte[] name = ScoreJson.quote(config.output().field());
    Bounds.require(name.length > 2, "The result's name can be written");
    for (Object position : List.of(config.input().from(), config.input().until())) {
      if (position instanceof TimePosition time) {
        Bounds.require(time.epochMillis() >= 0, "Kafka takes the time %s", time);
      }
    }
    for (PairFields fields : config.input().fields()) {
      JsonPointer.compile(fields.text());
      JsonPointer.compile(fields.textPair());
    }
    Duration interval = config.delivery().checkpointInterval();
    Duration between = interval == null ? Duration.ZERO : interval;
    Bounds.require(
        between.plus(config.delivery().longestOutage()).toMillis() >= 0,
        "Kafka takes the sum of the times");
    config
        .input()
        .skip()
        .forEach(
            record -> {
              Bounds.require(
                  record.partition() >= 0 && record.offset() >= 0, "%s may exist", record);
            });
  }
}
