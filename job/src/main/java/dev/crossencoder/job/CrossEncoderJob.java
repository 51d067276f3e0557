package dev.crossencoder.job;

import dev.crossencoder.job.JobOptions.Delivery;
import dev.crossencoder.job.JobOptions.Distribution;
import dev.crossencoder.operator.CrossEncoderFunction;
import dev.crossencoder.operator.InvalidOptionException;
import dev.crossencoder.operator.Scored;
import java.time.Duration;
import java.util.List;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.KafkaSinkBuilder;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.CheckpointConfig;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The Kafka enrichment job: reads JSON records with two texts from a topic, scores each pair, and
 * writes the record with its score to another topic, or to the dead-letter topic with the reason
 * why it has none.
 *
 * <p>Run it with {@code flink run flink-cross-encoder-job.jar --help}.
 */
public final class CrossEncoderJob {
  private static final Logger LOG = LoggerFactory.getLogger(CrossEncoderJob.class);

  /** Room for an aligned checkpoint to complete before its transaction expires. */
  private static final Duration MIN_TRANSACTION_TIMEOUT = Duration.ofMinutes(1);

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

  /** The job's command line, for {@code --help} and for parsing. */
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
            "    --model demo-qa --checkpoint-interval 10s");
    command.mixinStandardHelpOptions(true);
    // A value that begins with @ is a value; a file of options is named by --config.
    command.parser().expandAtFiles(false);
    String version = CrossEncoderJob.class.getPackage().getImplementationVersion();
    command.version("flink-cross-encoder " + (version == null ? "(not packaged)" : version));
    JobArguments.addTo(command);
    return command;
  }

  /**
   * Adds the job to an environment, after looking at the Kafka cluster.
   *
   * @throws InvalidOptionException naming the key, the value and what to do
   */
  public static void build(StreamExecutionEnvironment environment, JobConfig config) {
    configure(environment, config);
    Duration transactionTimeout = transactionTimeout(environment, config);
    KafkaPreflight.Findings kafka =
        new KafkaPreflight(config, transactionTimeout, isFirstStart(environment)).run();
    LOG.info("Job {}: {}", config.jobName(), config.publicOptions());

    DataStream<KafkaRecord> records =
        environment
            .fromSource(
                PositionedSource.of(config, stops(environment, config, kafka)),
                WatermarkStrategy.noWatermarks(),
                config.inputTopic())
            .uid("source");
    if (config.distribution() == Distribution.REBALANCE) {
      records = records.rebalance();
    }
    KafkaPairSelector selector = new KafkaPairSelector(config);
    SingleOutputStreamOperator<Scored<KafkaRecord>> scored =
        CrossEncoderFunction.score(records, "score", selector, config.operator());
    SingleOutputStreamOperator<KafkaRecord> results =
        scored
            .process(new ResultSplicer(config, kafka.outputs()))
            .name("splice result")
            .uid("splice");
    results
        .sinkTo(sink(config, config.outputTopic(), "results", transactionTimeout))
        .name(config.outputTopic())
        .uid("results");
    results
        .getSideOutput(ResultSplicer.DEAD_LETTERS)
        .sinkTo(sink(config, config.deadLetterTopic(), "dead-letters", transactionTimeout))
        .name(config.deadLetterTopic())
        .uid("dead-letters");
  }

  /** Gives the environment the job's settings; what the cluster or the user set of time stays. */
  static void configure(StreamExecutionEnvironment environment, JobConfig config) {
    environment.configure(ClusterSettings.of(environment.getConfiguration(), config));
    config.parallelism().ifPresent(environment::setParallelism);
    if (config.delivery() == Delivery.EXACTLY_ONCE
        && !environment.getCheckpointConfig().isCheckpointingEnabled()) {
      throw new InvalidOptionException(
          JobOptions.DELIVERY,
          config.delivery(),
          "It needs checkpoints, and none are configured. Set %s 10s (results appear that often), or choose %s at-least-once."
              .formatted(
                  JobArguments.flag(JobOptions.CHECKPOINT_INTERVAL.key()),
                  JobArguments.flag(JobOptions.DELIVERY.key())));
    }
  }

  /**
   * Whether this is a submission without earlier state. In application mode a restarted JobManager
   * runs the main method again, so there it is never known.
   */
  private static boolean isFirstStart(StreamExecutionEnvironment environment) {
    ReadableConfig settings = environment.getConfiguration();
    return settings.getOptional(StateRecoveryOptions.SAVEPOINT_PATH).isEmpty()
        && !"embedded".equals(settings.get(DeploymentOptions.TARGET));
  }

  private static Duration transactionTimeout(
      StreamExecutionEnvironment environment, JobConfig config) {
    CheckpointConfig checkpoints = environment.getCheckpointConfig();
    long betweenMillis =
        Math.max(checkpoints.getCheckpointInterval(), checkpoints.getMinPauseBetweenCheckpoints());
    Duration timeout = Duration.ofMillis(Math.max(0, betweenMillis)).plus(config.longestOutage());
    return timeout.compareTo(MIN_TRANSACTION_TIMEOUT) < 0 ? MIN_TRANSACTION_TIMEOUT : timeout;
  }

  /**
   * Where the run stops. A restored partition has no stop of its own in a run that is to end, so
   * that the run would not end unless the stop is known.
   */
  private static StoppingPositions stops(
      StreamExecutionEnvironment environment, JobConfig config, KafkaPreflight.Findings kafka) {
    if (!kafka.stops().areKnown()
        && environment
            .getConfiguration()
            .getOptional(StateRecoveryOptions.SAVEPOINT_PATH)
            .isPresent()) {
      throw new InvalidOptionException(
          JobOptions.UNTIL,
          config.until(),
          "Where that is could not be looked up, as the warning before says, and a job that is resumed would not end. Submit it where the brokers can be reached.");
    }
    return kafka.stops();
  }

  private static LossCheckingSink sink(
      JobConfig config, String topic, String name, Duration transactionTimeout) {
    RefusedRecords refused =
        topic.equals(config.deadLetterTopic())
            ? RefusedRecords.ofDeadLetters()
            : RefusedRecords.ofResults();
    KafkaSinkBuilder<KafkaRecord> sink =
        KafkaSink.<KafkaRecord>builder()
            .setKafkaProducerConfig(LossCheckingSink.reporting(config.kafkaProperties(), refused))
            .setBootstrapServers(config.kafka().get("bootstrap.servers"))
            .setRecordSerializer(new RecordWriter(config.inputTopic(), topic));
    if (config.delivery() == Delivery.EXACTLY_ONCE) {
      sink.setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
          .setTransactionalIdPrefix(config.transactionPrefix() + "-" + name)
          .setProperty(
              ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
              String.valueOf(transactionTimeout.toMillis()));
    } else {
      sink.setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE);
    }
    return new LossCheckingSink(
        sink.build(),
        refused,
        config.kafkaProperties(),
        config.longestOutage(),
        config.lostTransaction());
  }
}
