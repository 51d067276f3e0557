/**
 * Determines which records a topic accepts. A record that the brokers would refuse, because of its
 * size, its timestamp or a missing key, becomes a dead letter instead of ending the job.
 *
 * <p>In the order in which they are used:
 *
 * <ul>
 *   <li>{@link dev.crossencoder.job.kafka.topic.TopicLook} asks the brokers for the {@link
 *       dev.crossencoder.job.kafka.topic.TopicSettings} of a topic.
 *   <li>{@link dev.crossencoder.job.kafka.topic.OutputTopics} has the settings of both output
 *       topics and the {@link dev.crossencoder.job.kafka.topic.ProducerLimits}. It derives {@link
 *       dev.crossencoder.job.kafka.topic.RecordRules} and a {@link
 *       dev.crossencoder.job.kafka.topic.SizeLimit} from them.
 *   <li>{@link dev.crossencoder.job.kafka.topic.RecordSize} computes the size of a record.
 *   <li>{@link dev.crossencoder.job.kafka.topic.DeadLetters} creates a dead letter that its topic
 *       accepts.
 * </ul>
 */
package dev.crossencoder.job.kafka.topic;
