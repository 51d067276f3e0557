package dev.crossencoder.evaluation.labels;

/**
 * The best value of a figure over all thresholds.
 *
 * @param value the figure, from 0 to 1
 * @param threshold pairs whose score is larger than this are positive
 */
public record BestThreshold(double value, double threshold) {}
