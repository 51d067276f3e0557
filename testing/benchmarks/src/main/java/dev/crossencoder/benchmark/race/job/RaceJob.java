package dev.crossencoder.benchmark.race.job;

import java.util.Map;
import java.util.Properties;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.AbstractDeserializationSchema;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.ParameterTool;

/** What all Java contenders have in common: arguments, source and sink. */
final class RaceJob {
  /** Brokers refuse the default of an hour. */
  private static final String TRANSACTION_TIMEOUT_MILLIS = "600000";

  private final ParameterTool arguments;
  private final StreamExecutionEnvironment environment;

  /** Creates a job from {@code --name value} arguments. */
  RaceJob(String[] arguments) {
    this.arguments = ParameterTool.fromArgs(arguments);
    this.environment = StreamExecutionEnvironment.getExecutionEnvironment();
    environment.setParallelism(this.arguments.getInt("parallelism"));
    environment.enableCheckpointing(this.arguments.getLong("checkpoint-millis"));
  }

  String text(String name) {
    return arguments.getRequired(name);
  }

  int number(String name) {
    return arguments.getInt(name);
  }

  /** The values of the input topic. */
  DataStream<byte[]> input() {
    KafkaSource<byte[]> source =
        KafkaSource.<byte[]>builder()
            .setBootstrapServers(text("bootstrap-servers"))
            .setTopics(text("input-topic"))
            .setGroupId(text("input-topic"))
            .setStartingOffsets(OffsetsInitializer.earliest())
            .setValueOnlyDeserializer(new Bytes())
            .build();
    return environment.fromSource(source, WatermarkStrategy.noWatermarks(), "input");
  }

  /** Writes values to the output topic and runs the job. */
  void run(DataStream<byte[]> output) throws Exception {
    DeliveryGuarantee delivery =
        text("delivery").equals("exactly-once")
            ? DeliveryGuarantee.EXACTLY_ONCE
            : DeliveryGuarantee.AT_LEAST_ONCE;
    Properties producer = new Properties();
    producer.putAll(Map.of("transaction.timeout.ms", TRANSACTION_TIMEOUT_MILLIS));
    output.sinkTo(
        KafkaSink.<byte[]>builder()
            .setBootstrapServers(text("bootstrap-servers"))
            .setDeliveryGuarantee(delivery)
            .setTransactionalIdPrefix(text("output-topic"))
            .setKafkaProducerConfig(producer)
            .setRecordSerializer(
                KafkaRecordSerializationSchema.<byte[]>builder()
                    .setTopic(text("output-topic"))
                    .setValueSerializationSchema(new Values())
                    .build())
            .build());
    environment.execute(text("input-topic"));
  }

  /** The value of a record as it is. */
  private static final class Bytes extends AbstractDeserializationSchema<byte[]> {
    private static final long serialVersionUID = 1L;

    @Override
    public byte[] deserialize(byte[] message) {
      return message;
    }
  }

  /** The same for outputs. */
  private static final class Values implements SerializationSchema<byte[]> {
    private static final long serialVersionUID = 1L;

    @Override
    public byte[] serialize(byte[] value) {
      return value;
    }
  }
}
