package dev.crossencoder.job.kafka.source;

import dev.crossencoder.job.KafkaRecord;
import dev.crossencoder.job.change.ChangeState;
import dev.crossencoder.job.change.LiveChanges;
import dev.crossencoder.job.change.LiveConfig;
import dev.crossencoder.job.change.SubtaskModels;
import dev.crossencoder.job.options.JobConfig;
import dev.crossencoder.job.options.JobOptions;
import dev.crossencoder.job.options.JobOptions.OutOfRange;
import dev.crossencoder.job.options.StoppingPosition;
import dev.crossencoder.job.options.TimePosition;
import java.io.IOException;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.source.reader.RecordsWithSplitIds;
import org.apache.flink.connector.base.source.reader.synchronization.FutureCompletingBlockingQueue;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.KafkaSourceBuilder;
import org.apache.flink.connector.kafka.source.KafkaSourceOptions;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumState;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.metrics.KafkaSourceReaderMetrics;
import org.apache.flink.connector.kafka.source.reader.KafkaRecordEmitter;
import org.apache.flink.connector.kafka.source.reader.fetcher.KafkaSourceFetcherManager;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.api.lineage.LineageVertex;
import org.apache.flink.streaming.api.lineage.LineageVertexProvider;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A {@link KafkaSource} that never moves a position silently ({@link PositionGuard}) and continues
 * from the state of any earlier run ({@link PositionedEnumerator}). Its state is that of
 * KafkaSource, so each of the two can restore the state of the other, unless the job changes its
 * models ({@link LiveEnumerator}); then it can restore the state of KafkaSource.
 */
@Internal
public final class PositionedSource
    implements Source<KafkaRecord, KafkaPartitionSplit, SourceState>,
        ResultTypeQueryable<KafkaRecord>,
        LineageVertexProvider {
  private static final long serialVersionUID = 1L;

  private final KafkaSource<KafkaRecord> source;
  private final Properties kafka;
  private final Properties consumer;
  private final String topic;
  private final String group;
  private final OutOfRange outOfRange;
  private final StoppingOffsets stops;

  /** Null if the job does not change its models. */
  private final LiveConfig live;

  private PositionedSource(
      KafkaSource<KafkaRecord> source,
      JobConfig config,
      Properties consumer,
      StoppingOffsets stops) {
    this.source = source;
    this.kafka = config.kafkaProperties();
    this.consumer = consumer;
    this.topic = config.input().topic();
    this.group = config.input().consumerGroup();
    this.outOfRange = config.input().outOfRange();
    this.stops = stops;
    this.live = LiveConfig.of(config);
  }

  /** Creates the source of a job. */
  public static PositionedSource of(JobConfig config, StoppingOffsets stops) {
    Properties properties = config.kafkaProperties();
    properties.putIfAbsent(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    KafkaSourceBuilder<KafkaRecord> source =
        KafkaSource.<KafkaRecord>builder()
            .setProperties(properties)
            .setTopics(config.input().topic())
            .setGroupId(config.input().consumerGroup())
            .setDeserializer(RecordReader.untagged())
            .setStartingOffsets(new StartingOffsets(config.input().from()));
    if (stops.bounded()) {
      source.setBounded(
          stops.areKnown() ? new FixedStops(stops) : connectorsStops(config.input().until()));
    }
    return new PositionedSource(
        source.build(), config, consumer(properties, config.input().consumerGroup()), stops);
  }

  private static OffsetsInitializer connectorsStops(StoppingPosition until) {
    if (until instanceof TimePosition time) {
      return new StartingOffsets(time);
    }
    return until == StoppingPosition.Named.COMMITTED
        ? OffsetsInitializer.committedOffsets()
        : OffsetsInitializer.latest();
  }

  /**
   * Returns the properties that the connector's builder sets for a consumer, except the reset
   * policy.
   */
  private static Properties consumer(Properties properties, String group) {
    Properties consumer = new Properties();
    consumer.putAll(properties);
    consumer.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    String bytes = ByteArrayDeserializer.class.getName();
    consumer.putIfAbsent(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, bytes);
    consumer.putIfAbsent(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, bytes);
    consumer.putIfAbsent(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    consumer.putIfAbsent(KafkaSourceOptions.CLIENT_ID_PREFIX.key(), group);
    consumer.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    return consumer;
  }

  @Override
  public Boundedness getBoundedness() {
    return source.getBoundedness();
  }

  @Override
  public SourceReader<KafkaRecord, KafkaPartitionSplit> createReader(SourceReaderContext context) {
    PositionGuard guard =
        new PositionGuard(
            kafka, group, outOfRange, context.metricGroup().counter("offsetsSkipped"));
    KafkaSourceReaderMetrics metrics = new KafkaSourceReaderMetrics(context.metricGroup());
    FutureCompletingBlockingQueue<RecordsWithSplitIds<ConsumerRecord<byte[], byte[]>>> queue =
        new FutureCompletingBlockingQueue<>();
    OffsetCommits commits = new OffsetCommits(kafka, group);
    KafkaSourceFetcherManager fetchers =
        commits.fetchers(queue, () -> new GuardedSplitReader(consumer, context, metrics, guard));
    Configuration options = new Configuration();
    consumer
        .stringPropertyNames()
        .forEach(key -> options.setString(key, consumer.getProperty(key)));
    SubtaskModels models = live == null ? null : new SubtaskModels(context, live);
    return new PositionedReader(
        queue,
        fetchers,
        new KafkaRecordEmitter<>(
            models == null ? RecordReader.untagged() : new RecordReader(models::tag)),
        options,
        context,
        metrics,
        stops,
        guard,
        commits,
        models);
  }

  @Override
  public SplitEnumerator<KafkaPartitionSplit, SourceState> createEnumerator(
      SplitEnumeratorContext<KafkaPartitionSplit> context) throws IOException {
    ClosingClasses.load(context, kafka);
    return new LiveEnumerator(
        PositionedEnumerator.create(context, stops, source::createEnumerator),
        changes(context, null));
  }

  /** Returns the changes of the models; null if they do not change. */
  private LiveChanges changes(
      SplitEnumeratorContext<KafkaPartitionSplit> context, ChangeState state) {
    return live == null ? null : LiveChanges.of(context, live, kafka, state);
  }

  /**
   * Restores the enumerator from a state.
   *
   * @throws SuppressRestartsException if the state belongs to another topic, which the connector
   *     would read in addition to this one
   */
  @Override
  public SplitEnumerator<KafkaPartitionSplit, SourceState> restoreEnumerator(
      SplitEnumeratorContext<KafkaPartitionSplit> context, SourceState all) throws IOException {
    KafkaSourceEnumState state = all.partitions();
    List<String> others =
        Stream.concat(state.assignedSplits().stream(), state.unassignedSplits().stream())
            .map(KafkaPartitionSplit::getTopic)
            .distinct()
            .filter(other -> !other.equals(topic))
            .toList();
    if (!others.isEmpty()) {
      return new RefusingEnumerator<>(
          new SuppressRestartsException(
              new IOException(
                  "Cannot continue from a checkpoint or savepoint of topic %s with %s %s. Name the same topic, or start without it."
                      .formatted(
                          String.join(", ", others),
                          JobOptions.flag(JobOptions.INPUT_TOPIC),
                          topic))),
          all);
    }
    ClosingClasses.load(context, kafka);
    return new LiveEnumerator(
        PositionedEnumerator.restore(
            context, stops, state, own -> inner -> source.restoreEnumerator(inner, own)),
        changes(context, all.changes()));
  }

  @Override
  public SimpleVersionedSerializer<KafkaPartitionSplit> getSplitSerializer() {
    return source.getSplitSerializer();
  }

  @Override
  public SimpleVersionedSerializer<SourceState> getEnumeratorCheckpointSerializer() {
    return new SourceStateSerializer(source.getEnumeratorCheckpointSerializer(), live != null);
  }

  @Override
  public TypeInformation<KafkaRecord> getProducedType() {
    return source.getProducedType();
  }

  @Override
  public LineageVertex getLineageVertex() {
    return source.getLineageVertex();
  }
}
