/**
 * What the commands share that run Kafka and Flink in this process: the cluster, the demo's
 * records, and an end that cleans up.
 */
package dev.crossencoder.cli.local;
