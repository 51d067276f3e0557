/**
 * The quality of a model, as figures that equal those of the reference implementations.
 *
 * <p>{@code data} reads test collections and labelled pairs, {@code ranking} compares rankings with
 * judgements, {@code labels} compares labels and scores with gold, and {@code statistics} says
 * whether the difference of two models may be chance. {@code calibration} makes probabilities of
 * scores.
 */
package dev.crossencoder.evaluation;
