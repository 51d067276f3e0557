/**
 * The Kafka job: it reads JSON records with two texts from a topic, scores each pair, and writes
 * each record with its score to another topic, or to a dead-letter topic with the reason why it has
 * none.
 *
 * <p>This package holds the names that something outside the project refers to, and nothing else.
 *
 * <ul>
 *   <li>{@link dev.crossencoder.job.KafkaRecord} and {@link dev.crossencoder.job.KafkaHeader} are
 *       what the job carries from source to sinks. Savepoints find their serializers by these
 *       names. They use no other class of the job.
 *   <li>{@link dev.crossencoder.job.JobMain} and {@link dev.crossencoder.job.CrossEncoderJob} are
 *       the main classes that the job jar, manifests of Kubernetes and other people's scripts name.
 *       They pass on to {@code pipeline}, and no class of the job uses them.
 * </ul>
 *
 * <p>So the package is the bottom and the top of the job at once, without a circle between classes.
 * The rooms between, in the order of their arrows; each uses only those before it:
 *
 * <ol>
 *   <li>{@code record}: the JSON of a record: two texts out, one result in. No Flink, no Kafka.
 *   <li>{@code options}: the command line and its options, checked.
 *   <li>{@code kafka.source}, {@code kafka.topic}, {@code kafka.sink}: records from Kafka, what
 *       topics take of them, and records to Kafka.
 *   <li>{@code preflight}: what can be checked before the job is submitted.
 *   <li>{@code pipeline}: the operators between source and sinks, and Flink's settings.
 * </ol>
 *
 * <p>What is public and has {@code @Internal} is public for other rooms, not for users.
 */
package dev.crossencoder.job;
