/** {@code cross-encoder evaluate}: measures the quality of a model, or of recorded results. */
package dev.crossencoder.cli.evaluate;
