/**
 * {@code cross-encoder sql}: runs Flink SQL with {@code ML_PREDICT} on a Kafka broker and a Flink
 * cluster in this process.
 */
package dev.crossencoder.cli.sql;
