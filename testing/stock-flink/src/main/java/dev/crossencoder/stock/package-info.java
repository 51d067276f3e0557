/**
 * The parts of {@code testing/stock-flink/check} that are no shell commands: a broker, the records
 * that go through the job, and the comparison of what comes out.
 */
package dev.crossencoder.stock;
