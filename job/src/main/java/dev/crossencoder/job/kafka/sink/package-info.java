/**
 * Records to Kafka. The connector's sink, which reports a lost transaction instead of only logging
 * it, and names the record that brokers refuse. Operators and state are the connector's own.
 *
 * <p>In the order in which a record meets them: {@link
 * dev.crossencoder.job.kafka.sink.LossCheckingSink} puts the parts together. {@code
 * RefusalNamingWriter} is the writer; {@code RecordWriter} makes an {@code OriginRecord} of a
 * record, which knows where it was read, so that {@code RefusedRecords} can name it when a broker
 * refuses it. {@code LossCheckingCommitter} commits, and asks the brokers for the {@code
 * TransactionOutcome} of what they refuse to commit.
 */
package dev.crossencoder.job.kafka.sink;
