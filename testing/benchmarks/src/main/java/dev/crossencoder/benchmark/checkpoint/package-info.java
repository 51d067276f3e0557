/**
 * Checkpoints with the configuration and vocabulary of a published model ({@link
 * dev.crossencoder.benchmark.checkpoint.ModelSize}) and random weights.
 */
package dev.crossencoder.benchmark.checkpoint;
