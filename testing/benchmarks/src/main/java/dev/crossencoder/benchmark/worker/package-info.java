/**
 * The processes that the benchmark compares: each runs one engine, reads one JSON request per line
 * and writes one JSON reply per line.
 */
package dev.crossencoder.benchmark.worker;
