/**
 * {@code cross-encoder demo}: runs the job with a Kafka broker and a Flink cluster in this process,
 * and compares the outputs with the records that were sent.
 */
package dev.crossencoder.cli.demo;
