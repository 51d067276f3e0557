/**
 * What is checked before the job is submitted, so that it fails with a sentence instead of a
 * restart loop. {@link dev.crossencoder.job.preflight.KafkaPreflight} asks the brokers; {@code
 * KafkaPermissions}, {@code KafkaRefusals} and {@code OutputChecks} judge their answers.
 */
package dev.crossencoder.job.preflight;
