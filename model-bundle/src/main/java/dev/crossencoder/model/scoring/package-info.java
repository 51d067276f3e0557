/**
 * {@link dev.crossencoder.model.scoring.CrossEncoder}: scores pairs, ranks passages and classifies
 * texts with the model of a bundle.
 */
package dev.crossencoder.model.scoring;
