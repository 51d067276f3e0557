/**
 * Readers of test collections and labelled pairs.
 *
 * <p>{@link dev.crossencoder.evaluation.data.TrecFiles}, {@link
 * dev.crossencoder.evaluation.data.BeirFolder} and {@link
 * dev.crossencoder.evaluation.data.RankingSamples} give {@link
 * dev.crossencoder.evaluation.data.RankingData}, from which {@link
 * dev.crossencoder.evaluation.data.Reranking} makes the pairs to score. {@link
 * dev.crossencoder.evaluation.data.PairFiles} reads pairs with labels. All files are in UTF-8, and
 * those whose name ends in {@code .gz} are decompressed.
 */
package dev.crossencoder.evaluation.data;
