/**
 * The options of the job, from the command line to checked values.
 *
 * <p>In the order in which an argument meets them: {@link
 * dev.crossencoder.job.options.JobArguments} has one flag for each option that {@link
 * dev.crossencoder.job.options.JobOptions} defines, and reads flags and a YAML file into Flink's
 * {@code Configuration}; {@link dev.crossencoder.job.options.UsageErrors} says what is wrong with a
 * line, without its secrets. {@link dev.crossencoder.job.options.JobConfig} is the result: read
 * once, checked, passed to all other rooms. {@link dev.crossencoder.job.options.ClientOptions}
 * checks what is meant for Kafka's clients against their definitions, and {@link
 * dev.crossencoder.job.options.KafkaSecrets} keeps passwords out of arguments, messages and the job
 * graph.
 */
package dev.crossencoder.job.options;
