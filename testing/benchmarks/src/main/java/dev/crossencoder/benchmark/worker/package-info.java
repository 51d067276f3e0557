/**
 * The processes that the benchmark compares: each holds one engine, and answers one JSON request a
 * line with one JSON reply a line.
 */
package dev.crossencoder.benchmark.worker;
