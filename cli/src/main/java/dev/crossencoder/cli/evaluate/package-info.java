/**
 * {@code cross-encoder evaluate} and {@code calibrate}: the quality of a model or of recorded
 * results, and its calibration.
 */
package dev.crossencoder.cli.evaluate;
