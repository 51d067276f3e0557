/**
 * Fits a {@link dev.crossencoder.model.Calibration} to labelled pairs, and measures how far
 * probabilities are from the shares of right answers.
 */
package dev.crossencoder.evaluation.calibration;
