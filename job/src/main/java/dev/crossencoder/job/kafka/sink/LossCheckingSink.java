package dev.crossencoder.job.kafka.sink;

import dev.crossencoder.job.KafkaRecord;
import dev.crossencoder.job.options.JobConfig;
import dev.crossencoder.job.options.JobOptions.LostTransaction;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.Properties;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.KafkaSinkBuilder;
import org.apache.flink.connector.kafka.sink.KafkaWriterState;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.connector.sink2.CommittableMessage;
import org.apache.flink.streaming.api.connector.sink2.SupportsPostCommitTopology;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.lineage.LineageVertex;
import org.apache.flink.streaming.api.lineage.LineageVertexProvider;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * A {@link KafkaSink} that never loses a transaction silently ({@link LossCheckingCommitter}) and
 * names records that the brokers refuse ({@link RefusalNamingWriter}). Operators and state are
 * those of KafkaSink, so each of the two can restore the state of the other.
 */
@Internal
public final class LossCheckingSink
    implements Sink<KafkaRecord>,
        SupportsWriterState<KafkaRecord, KafkaWriterState>,
        SupportsCommitter<KafkaCommittable>,
        SupportsPostCommitTopology<KafkaCommittable>,
        LineageVertexProvider {
  private static final long serialVersionUID = 1L;

  private final KafkaSink<KafkaRecord> sink;
  private final Properties kafka;
  private final Duration longestOutage;
  private final LostTransaction lostTransaction;
  private final RefusedRecords refused;

  /**
   * Wraps a sink.
   *
   * @param refused the object to which the sink's producers report refused records; see {@link
   *     #reporting}
   * @param kafka the options for a client of the brokers to which the sink writes
   */
  private LossCheckingSink(
      KafkaSink<KafkaRecord> sink,
      RefusedRecords refused,
      Properties kafka,
      Duration longestOutage,
      LostTransaction lostTransaction) {
    this.sink = sink;
    this.refused = refused;
    this.kafka = kafka;
    this.longestOutage = longestOutage;
    this.lostTransaction = lostTransaction;
  }

  /**
   * Creates the sink of the results.
   *
   * @param transactionTimeout the time after which Kafka aborts a transaction; unused with
   *     at-least-once
   */
  public static LossCheckingSink ofResults(JobConfig config, Duration transactionTimeout) {
    return of(
        config, config.output().topic(), "results", transactionTimeout, RefusedRecords.ofResults());
  }

  /**
   * Creates the sink of the dead letters.
   *
   * @param transactionTimeout the time after which Kafka aborts a transaction; unused with
   *     at-least-once
   */
  public static LossCheckingSink ofDeadLetters(JobConfig config, Duration transactionTimeout) {
    return of(
        config,
        config.output().deadLetterTopic(),
        "dead-letters",
        transactionTimeout,
        RefusedRecords.ofDeadLetters());
  }

  /**
   * Creates the sink of records that two models have scored.
   *
   * @param transactionTimeout the time after which Kafka aborts a transaction; unused with
   *     at-least-once
   */
  public static LossCheckingSink ofShadow(JobConfig config, Duration transactionTimeout) {
    return of(
        config, config.shadow().topic(), "shadow", transactionTimeout, RefusedRecords.ofResults());
  }

  private static LossCheckingSink of(
      JobConfig config,
      String topic,
      String name,
      Duration transactionTimeout,
      RefusedRecords refused) {
    KafkaSinkBuilder<KafkaRecord> sink =
        KafkaSink.<KafkaRecord>builder()
            .setKafkaProducerConfig(reporting(config.kafkaProperties(), refused))
            .setBootstrapServers(config.kafka().get("bootstrap.servers"))
            .setRecordSerializer(new RecordWriter(config.input().topic(), topic));
    if (config.delivery().exactlyOnce()) {
      sink.setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
          .setTransactionalIdPrefix(config.delivery().transactionPrefix() + "-" + name)
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
        config.delivery().longestOutage(),
        config.delivery().lostTransaction());
  }

  /**
   * Returns a producer's options with an interceptor that reports the records that brokers refuse.
   */
  private static Properties reporting(Properties kafka, RefusedRecords refused) {
    Properties reporting = new Properties();
    reporting.putAll(kafka);
    reporting.merge(
        ProducerConfig.INTERCEPTOR_CLASSES_CONFIG,
        RefusedRecords.Interceptor.class.getName(),
        (theirs, ours) -> theirs + "," + ours);
    reporting.put(RefusedRecords.CONFIG_KEY, refused);
    return reporting;
  }

  @Override
  public SinkWriter<KafkaRecord> createWriter(WriterInitContext context) throws IOException {
    return new RefusalNamingWriter(
        sink.createWriter(new NamingWriterContext(context, refused)), refused);
  }

  @Override
  public StatefulSinkWriter<KafkaRecord, KafkaWriterState> restoreWriter(
      WriterInitContext context, Collection<KafkaWriterState> recoveredState) {
    return new RefusalNamingWriter(
        sink.restoreWriter(new NamingWriterContext(context, refused), recoveredState), refused);
  }

  @Override
  public SimpleVersionedSerializer<KafkaWriterState> getWriterStateSerializer() {
    return sink.getWriterStateSerializer();
  }

  @Override
  public Committer<KafkaCommittable> createCommitter(CommitterInitContext context) {
    return new LossCheckingCommitter(
        sink.createCommitter(context),
        kafka,
        longestOutage,
        lostTransaction,
        context.metricGroup().counter("transactionsLost"));
  }

  @Override
  public SimpleVersionedSerializer<KafkaCommittable> getCommittableSerializer() {
    return sink.getCommittableSerializer();
  }

  @Override
  public void addPostCommitTopology(DataStream<CommittableMessage<KafkaCommittable>> committed) {
    sink.addPostCommitTopology(committed);
  }

  @Override
  public LineageVertex getLineageVertex() {
    return sink.getLineageVertex();
  }
}
