/**
 * The Java part of {@code testing/stock-flink/check}: a broker, the input records of the job, and
 * the check of its outputs.
 */
package dev.crossencoder.stock;
