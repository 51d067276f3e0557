package dev.crossencoder.job.kafka.source;

import dev.crossencoder.job.change.ChangeState;
import org.apache.flink.annotation.Internal;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumState;

/**
 * The part of a checkpoint that the enumerator has.
 *
 * @param partitions the state of the connector's enumerator
 * @param changes the changes of models; null if the job that wrote it does not change its models
 */
@Internal
public record SourceState(KafkaSourceEnumState partitions, ChangeState changes) {}
