/** Figures of labels and of scores, compared with gold. */
package dev.crossencoder.evaluation.labels;
