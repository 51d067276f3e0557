/**
 * The options of the job, from the command line to checked values.
 *
 * <p>In the order in which they handle an argument:
 *
 * <ul>
 *   <li>{@link dev.crossencoder.job.options.JobOptions} defines the options.
 *   <li>{@link dev.crossencoder.job.options.JobArguments} has one flag for each option, and reads
 *       flags and a YAML file into Flink's {@code Configuration}.
 *   <li>{@link dev.crossencoder.job.options.UsageErrors} describes what is wrong with a command
 *       line, without its secrets.
 *   <li>{@link dev.crossencoder.job.options.JobConfig} contains the checked values. It is read once
 *       and passed to all other packages.
 *   <li>{@link dev.crossencoder.job.options.ClientOptions} checks the options of Kafka's clients
 *       against their definitions.
 *   <li>{@link dev.crossencoder.job.options.KafkaSecrets} keeps passwords out of arguments,
 *       messages and the job graph.
 * </ul>
 */
package dev.crossencoder.job.options;
