/**
 * The benchmarks of the project. The main classes {@code Performance} and {@code
 * PackedVersusPadded} measure; {@code WritePage} regenerates the page without measuring.
 */
package dev.crossencoder.benchmark;
