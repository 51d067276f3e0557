/**
 * Reads records from Kafka. This is the source of Flink's Kafka connector with two changes:
 * positions are never moved silently, and the end of a bounded run also applies after a restore.
 * State is the connector's own.
 *
 * <p>In the order in which a run uses them:
 *
 * <ul>
 *   <li>{@link dev.crossencoder.job.kafka.source.StoppingOffsets} are determined at submission.
 *   <li>{@link dev.crossencoder.job.kafka.source.PositionedSource} creates the other parts.
 *   <li>{@code PositionedEnumerator}, on the JobManager, assigns partitions, from {@code
 *       StartingOffsets} or from a state.
 *   <li>{@code PositionedReader}, on the TaskManagers, passes them to {@code GuardedSplitReader}.
 *   <li>{@code PositionGuard} compares each position with the content of the topic.
 *   <li>{@code RecordReader} creates a {@link dev.crossencoder.job.KafkaRecord}.
 *   <li>{@code OffsetCommits} commits the last offsets of the consumer group.
 * </ul>
 */
package dev.crossencoder.job.kafka.source;
