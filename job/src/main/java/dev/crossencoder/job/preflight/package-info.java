/**
 * The checks before the job is submitted. A job that cannot run is refused with a message, instead
 * of failing and restarting repeatedly. {@link dev.crossencoder.job.preflight.KafkaPreflight} asks
 * the brokers; {@code KafkaPermissions}, {@code KafkaRefusals} and {@code OutputChecks} evaluate
 * their answers.
 */
package dev.crossencoder.job.preflight;
