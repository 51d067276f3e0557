/**
 * What a topic takes of a record. A record that brokers would refuse, for its size, its timestamp
 * or a key that is missing, becomes a dead letter instead of ending the job.
 *
 * <p>In the order in which data meets them: {@link dev.crossencoder.job.kafka.topic.TopicLook} asks
 * the brokers for {@link dev.crossencoder.job.kafka.topic.TopicSettings}. {@link
 * dev.crossencoder.job.kafka.topic.OutputTopics} has those of both topics, with {@link
 * dev.crossencoder.job.kafka.topic.ProducerLimits}, and makes of them {@link
 * dev.crossencoder.job.kafka.topic.RecordRules} and a {@link
 * dev.crossencoder.job.kafka.topic.SizeLimit}. {@link dev.crossencoder.job.kafka.topic.RecordSize}
 * measures a record. {@link dev.crossencoder.job.kafka.topic.DeadLetters} makes a dead letter that
 * fits.
 */
package dev.crossencoder.job.kafka.topic;
