/**
 * {@link dev.crossencoder.model.scoring.CrossEncoder}: scores pairs and ranks passages with the
 * model of a bundle.
 */
package dev.crossencoder.model.scoring;
