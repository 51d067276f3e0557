/**
 * Records from Kafka. The connector's source, with positions that are never moved silently and
 * stops that hold after a restore. State is the connector's own.
 *
 * <p>In the order in which a run meets them: {@link
 * dev.crossencoder.job.kafka.source.StoppingOffsets} are looked up at submission. {@link
 * dev.crossencoder.job.kafka.source.PositionedSource} puts the parts together. On the JobManager
 * {@code PositionedEnumerator} assigns partitions from {@code StartingOffsets} or from a state. On
 * the TaskManagers {@code PositionedReader} gives them to {@code GuardedSplitReader}, whose {@code
 * PositionGuard} compares each position with what is in the topic; {@code RecordReader} makes a
 * {@link dev.crossencoder.job.KafkaRecord}; {@code OffsetCommits} commits the consumer group's last
 * offsets.
 */
package dev.crossencoder.job.kafka.source;
