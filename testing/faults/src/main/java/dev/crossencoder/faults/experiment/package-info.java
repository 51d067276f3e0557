/**
 * The experiments, one class each.
 *
 * <p>{@link dev.crossencoder.faults.experiment.Laboratory} lists and runs them. An {@link
 * dev.crossencoder.faults.experiment.Experiment} gets a {@code Run}, which has the rig and one or
 * more {@link dev.crossencoder.faults.experiment.Flow flows}, and records faults and measurements.
 */
package dev.crossencoder.faults.experiment;
