/**
 * Writes records to Kafka. This is the sink of Flink's Kafka connector with two changes: a lost
 * transaction ends the job instead of only being logged, and a record that the brokers refuse is
 * named. Operators and state are the connector's own.
 *
 * <p>In the order in which they handle a record:
 *
 * <ul>
 *   <li>{@link dev.crossencoder.job.kafka.sink.LossCheckingSink} creates the other parts.
 *   <li>{@code RefusalNamingWriter} is the writer.
 *   <li>{@code RecordWriter} turns a record into an {@code OriginRecord}, which contains the
 *       position from which it was read.
 *   <li>{@code RefusedRecords} names that position when a broker refuses the record.
 *   <li>{@code LossCheckingCommitter} commits. If the brokers refuse a commit, it asks them for the
 *       {@code TransactionOutcome}.
 * </ul>
 */
package dev.crossencoder.job.kafka.sink;
