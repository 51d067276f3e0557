/**
 * The race: this project and what else a Flink user could do, each in processes of its own, from
 * Kafka to Kafka.
 */
package dev.crossencoder.benchmark.race;
