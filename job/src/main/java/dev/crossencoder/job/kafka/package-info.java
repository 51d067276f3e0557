/**
 * How the job stands with Kafka. {@code kafka.source} reads and never moves a position silently,
 * {@code kafka.topic} knows what topics take of a record, {@code kafka.sink} writes and never loses
 * a transaction silently. Here is only what these share.
 */
package dev.crossencoder.job.kafka;
