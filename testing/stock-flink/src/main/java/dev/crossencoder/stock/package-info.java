/**
 * The Java part of {@code testing/stock-flink/check} and {@code check-sql}: a broker, the input
 * records of the job and of tables, and the check of their outputs.
 */
package dev.crossencoder.stock;
