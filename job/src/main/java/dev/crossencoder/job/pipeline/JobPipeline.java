package dev.crossencoder.job.pipeline;

import dev.crossencoder.job.KafkaRecord;
import dev.crossencoder.job.kafka.sink.LossCheckingSink;
import dev.crossencoder.job.kafka.source.PositionedSource;
import dev.crossencoder.job.kafka.source.StoppingOffsets;
import dev.crossencoder.job.kafka.topic.OutputTopics;
import dev.crossencoder.job.options.InputConfig;
import dev.crossencoder.job.options.JobConfig;
import dev.crossencoder.job.options.JobOptions;
import dev.crossencoder.job.options.JobOptions.Distribution;
import dev.crossencoder.job.options.JobOptions.MissingModel;
import dev.crossencoder.job.options.OutputConfig;
import dev.crossencoder.job.preflight.KafkaPreflight;
import dev.crossencoder.job.record.ClassifyFormat;
import dev.crossencoder.job.record.DocumentsFormat;
import dev.crossencoder.job.record.PairFormat;
import dev.crossencoder.job.record.RecordFormat;
import dev.crossencoder.job.record.ResultMember;
import dev.crossencoder.job.shadow.ShadowComparison;
import dev.crossencoder.job.shadow.ShadowSample;
import dev.crossencoder.operator.Classified;
import dev.crossencoder.operator.CrossEncoderFunction;
import dev.crossencoder.operator.InvalidOptionException;
import dev.crossencoder.operator.ModelOptions;
import dev.crossencoder.operator.Ranked;
import dev.crossencoder.operator.RecordShapes;
import dev.crossencoder.operator.Routing;
import dev.crossencoder.operator.Scored;
import java.time.Duration;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.CheckpointConfig;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.function.SerializableFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Builds the job: checks the options against the Kafka cluster, sets Flink's options, and connects
 * source, operator and sinks. A record goes from {@link PositionedSource} through {@link
 * KafkaPairSelector} and {@link CrossEncoderFunction} to {@link ResultSplicer}, and from there to
 * the {@link LossCheckingSink} of the results or of the dead letters.
 */
@Internal
public final class JobPipeline {
  private static final Logger LOG = LoggerFactory.getLogger(JobPipeline.class);

  /** Time for an aligned checkpoint to complete before its transaction expires. */
  private static final Duration MIN_TRANSACTION_TIMEOUT = Duration.ofMinutes(1);

  /** What is added to the name of the result's member for that of the shadow. */
  private static final String SHADOW = "_shadow";

  private JobPipeline() {}

  /**
   * Adds the job to an environment, after checking the options against the Kafka cluster.
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
                config.input().topic())
            .uid("source");
    if (config.distribution() == Distribution.REBALANCE) {
      records = records.rebalance();
    }
    SingleOutputStreamOperator<KafkaRecord> results =
        results(records, config, kafka.outputs()).name("splice result").uid("splice");
    results
        .sinkTo(LossCheckingSink.ofResults(config, transactionTimeout))
        .name(config.output().topic())
        .uid("results");
    results
        .getSideOutput(ResultSplicer.DEAD_LETTERS)
        .sinkTo(LossCheckingSink.ofDeadLetters(config, transactionTimeout))
        .name(config.output().deadLetterTopic())
        .uid("dead-letters");
    if (config.shadow() != null) {
      addShadow(results, config, kafka.outputs(), transactionTimeout);
    }
  }

  /** Adds the operators that score records and splice the results into them. */
  private static SingleOutputStreamOperator<KafkaRecord> results(
      DataStream<KafkaRecord> records, JobConfig config, OutputTopics outputs) {
    OutputConfig output = config.output();
    ResultMember member =
        new ResultMember(
            output.field(), output.overwrite(), output.logits(), config.input().framing());
    return score(
        records,
        "score",
        member,
        config,
        config.operator(),
        routing(config, member),
        new Finish() {
          @Override
          public <R> SingleOutputStreamOperator<KafkaRecord> of(
              DataStream<R> scored,
              RecordFormat<? super R> format,
              SerializableFunction<R, KafkaRecord> elementOf) {
            return scored.process(
                new ResultSplicer<>(config.input(), output, format, elementOf, outputs));
          }
        });
  }

  /**
   * Adds the operators that score a sample of the results with another model, and compare both.
   *
   * @param results records with the first model's result
   */
  private static void addShadow(
      DataStream<KafkaRecord> results,
      JobConfig config,
      OutputTopics outputs,
      Duration transactionTimeout) {
    OutputConfig output = config.output();
    int frame = config.input().framing().bytes();
    ResultMember member =
        new ResultMember(output.field() + SHADOW, true, output.logits(), config.input().framing());
    SingleOutputStreamOperator<KafkaRecord> compared =
        score(
            results
                .filter(new ShadowSample(config.shadow().sample()))
                .name("sample for the shadow")
                .uid("shadow-sample"),
            "shadow",
            member,
            config,
            config.shadow().operator(config.operator()),
            Routing.inBackground(),
            new Finish() {
              @Override
              public <R> SingleOutputStreamOperator<KafkaRecord> of(
                  DataStream<R> scored,
                  RecordFormat<? super R> format,
                  SerializableFunction<R, KafkaRecord> elementOf) {
                return scored.process(
                    new ShadowComparison<>(
                        output.field(),
                        member.name(),
                        format,
                        elementOf,
                        frame,
                        outputs,
                        config.shadow().topic() != null));
              }
            });
    compared.name("compare with the shadow").uid("shadow-compare");
    if (config.shadow().topic() == null) {
      compared.sinkTo(new DiscardingSink<>()).name("no shadow topic").uid("shadow-nowhere");
    } else {
      compared
          .sinkTo(LossCheckingSink.ofShadow(config, transactionTimeout))
          .name(config.shadow().topic())
          .uid("shadow-results");
    }
  }

  /** What happens to scored records of any shape. */
  private interface Finish {
    <R> SingleOutputStreamOperator<KafkaRecord> of(
        DataStream<R> scored,
        RecordFormat<? super R> format,
        SerializableFunction<R, KafkaRecord> elementOf);
  }

  /** Adds the operator that scores records of the shape that the options say. */
  private static SingleOutputStreamOperator<KafkaRecord> score(
      DataStream<KafkaRecord> records,
      String uid,
      ResultMember member,
      JobConfig config,
      Configuration options,
      Routing<KafkaRecord> routing,
      Finish finish) {
    InputConfig input = config.input();
    if (input.classify() != null) {
      ClassifyFormat format =
          new ClassifyFormat(input.classify(), RecordShapes.maxDocuments(options), member);
      return finish.of(
          CrossEncoderFunction.classify(
              records, uid, new KafkaClassifySelector(input, format), routing, options),
          format,
          Classified::element);
    }
    if (input.documents() == null) {
      PairFormat format = new PairFormat(input.fields(), member);
      return finish.of(
          CrossEncoderFunction.score(
              records, uid, new KafkaPairSelector(input, format), routing, options),
          format,
          Scored::element);
    }
    DocumentsFormat format =
        new DocumentsFormat(
            input.documents(),
            RecordShapes.maxDocuments(options),
            config.output().returnDocuments(),
            member);
    return finish.of(
        CrossEncoderFunction.rank(
            records, uid, new KafkaRankSelector(input, format), routing, options),
        format,
        Ranked::element);
  }

  private static Routing<KafkaRecord> routing(JobConfig config, ResultMember member) {
    InputConfig input = config.input();
    return Routing.of(
        input.isRouted()
            ? new KafkaRouteSelector(
                input, member, ModelOptions.split(config.operator()).firstKey())
            : null,
        config.updates().isLive() ? KafkaRecord::models : null,
        config.updates().missing() == MissingModel.ACTIVE);
  }

  /** Sets Flink's options as the job needs them. Intervals and timeouts that are set stay. */
  static void configure(StreamExecutionEnvironment environment, JobConfig config) {
    environment.configure(ClusterSettings.of(environment.getConfiguration(), config));
    if (config.parallelism() != null) {
      environment.setParallelism(config.parallelism());
    }
    if (config.delivery().exactlyOnce()
        && !environment.getCheckpointConfig().isCheckpointingEnabled()) {
      throw new InvalidOptionException(
          JobOptions.DELIVERY,
          config.delivery().guarantee(),
          "It needs checkpoints, and none are configured. Set %s 10s (results then appear every 10 s), or choose %s at-least-once."
              .formatted(
                  JobOptions.flag(JobOptions.CHECKPOINT_INTERVAL),
                  JobOptions.flag(JobOptions.DELIVERY)));
    }
  }

  /**
   * Returns whether this is a submission without earlier state. In application mode the answer is
   * always false, because a restarted JobManager runs the main method again.
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
    Duration timeout =
        Duration.ofMillis(Math.max(0, betweenMillis)).plus(config.delivery().longestOutage());
    return timeout.compareTo(MIN_TRANSACTION_TIMEOUT) < 0 ? MIN_TRANSACTION_TIMEOUT : timeout;
  }

  /**
   * Returns the offsets at which the run stops. The state of a partition has no stopping offset, so
   * a resumed run would never end if the offsets are unknown.
   */
  private static StoppingOffsets stops(
      StreamExecutionEnvironment environment, JobConfig config, KafkaPreflight.Findings kafka) {
    if (!kafka.stops().areKnown()
        && environment
            .getConfiguration()
            .getOptional(StateRecoveryOptions.SAVEPOINT_PATH)
            .isPresent()) {
      throw new InvalidOptionException(
          JobOptions.UNTIL,
          config.input().until(),
          "The offsets at which to stop could not be read, as the previous warning says, so the resumed job would not end. Submit it where the brokers can be reached.");
    }
    return kafka.stops();
  }
}
