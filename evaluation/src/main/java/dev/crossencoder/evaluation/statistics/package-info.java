/** Whether the difference of two models may be chance. */
package dev.crossencoder.evaluation.statistics;
