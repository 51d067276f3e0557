/**
 * The Kafka job: it reads JSON records with two texts from a topic, scores each pair, and writes
 * each record with its score to another topic. A record that cannot be scored goes to a dead-letter
 * topic, with the reason.
 *
 * <p>This package contains only the classes whose names are used outside the project:
 *
 * <ul>
 *   <li>{@link dev.crossencoder.job.KafkaRecord} and {@link dev.crossencoder.job.KafkaHeader} are
 *       the elements of the job's streams. Savepoints refer to their serializers by these names.
 *       They use no other class of the job.
 *   <li>{@link dev.crossencoder.job.JobMain} and {@link dev.crossencoder.job.CrossEncoderJob} are
 *       the main classes. The job jar, Kubernetes manifests and scripts of users name them. They
 *       call {@code pipeline}, and no class of the job uses them.
 * </ul>
 *
 * <p>The other packages, in the order of their dependencies; each uses only those above it and the
 * two record classes:
 *
 * <ol>
 *   <li>{@code record}: the JSON value of a record: finds the texts, inserts the result. Uses
 *       neither Flink nor Kafka.
 *   <li>{@code options}: the command line and its options, checked.
 *   <li>{@code kafka.source}, {@code kafka.topic}, {@code kafka.sink}: read records from Kafka,
 *       determine which records a topic accepts, write records to Kafka.
 *   <li>{@code preflight}: the checks before the job is submitted.
 *   <li>{@code pipeline}: the operators between source and sinks, and Flink's settings.
 * </ol>
 *
 * <p>A public class with {@code @Internal} is public for the other packages, not for users.
 */
package dev.crossencoder.job;
