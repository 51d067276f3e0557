package dev.crossencoder.evaluation.statistics;

/**
 * The difference of a figure between two systems.
 *
 * @param value the difference on all data
 * @param low the lower end of its 95 % confidence interval
 * @param high the upper end
 * @param pValue the two-sided p-value of the hypothesis that there is no difference
 */
public record Difference(double value, double low, double high, double pValue) {}
