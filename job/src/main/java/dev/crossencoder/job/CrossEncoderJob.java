package dev.crossencoder.job;

import dev.crossencoder.job.options.JobArguments;
import dev.crossencoder.job.options.JobConfig;
import dev.crossencoder.job.options.UsageErrors;
import dev.crossencoder.job.pipeline.JobPipeline;
import dev.crossencoder.operator.InvalidOptionException;
import java.util.List;
import org.apache.flink.annotation.Internal;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The Kafka job: it reads JSON records with two texts from a topic, scores each pair, and writes
 * each record with its score to another topic. A record that cannot be scored goes to the
 * dead-letter topic, with the reason.
 *
 * <p>Run it with {@code flink run flink-cross-encoder-job.jar --help}.
 */
@PublicEvolving
public final class CrossEncoderJob {
  private CrossEncoderJob() {}

  /** Submits the job that the arguments describe. */
  public static void main(String[] args) throws Exception {
    CommandSpec command = command("flink run flink-cross-encoder-job.jar");
    CommandLine commandLine = new CommandLine(command);
    try {
      CommandLine.ParseResult arguments = commandLine.parseArgs(args);
      if (arguments.isUsageHelpRequested()) {
        commandLine.usage(commandLine.getOut());
        return;
      }
      if (arguments.isVersionHelpRequested()) {
        commandLine.printVersionHelp(commandLine.getOut());
        return;
      }
      JobConfig config = JobConfig.from(JobArguments.read(arguments));
      StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
      build(environment, config);
      environment.execute(config.jobName());
    } catch (CommandLine.ParameterException e) {
      // Without the cause, whose message repeats what was given.
      throw new IllegalArgumentException(UsageErrors.message(e, List.of(args)) + " See --help.");
    }
  }

  /** Returns the job's command line, for {@code --help} and for parsing. */
  @Internal
  public static CommandSpec command(String name) {
    CommandSpec command = CommandSpec.create().name(name);
    command
        .usageMessage()
        .width(100)
        .description("Scores the text pairs of a Kafka topic with a cross-encoder.")
        .footer(
            "",
            "Example:",
            "  " + name + " \\",
            "    --bootstrap-servers kafka:9092 --input-topic pairs --output-topic scored \\",
            "    --model demo-rank --checkpoint-interval 10s");
    command.mixinStandardHelpOptions(true);
    // A value that begins with @ is a plain value. Only --config names a file with options.
    command.parser().expandAtFiles(false);
    String version = CrossEncoderJob.class.getPackage().getImplementationVersion();
    command.version("flink-cross-encoder " + (version == null ? "(not packaged)" : version));
    JobArguments.addTo(command);
    return command;
  }

  /**
   * Adds the job to an environment, after checking the options against the Kafka cluster.
   *
   * @throws InvalidOptionException naming the key, the value and what to do
   */
  public static void build(StreamExecutionEnvironment environment, JobConfig config) {
    JobPipeline.build(environment, config);
  }
}
