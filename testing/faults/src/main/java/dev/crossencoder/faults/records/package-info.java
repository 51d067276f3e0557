/**
 * The records of a run, without the processes that handle them.
 *
 * <p>{@link dev.crossencoder.faults.records.Traffic} generates each record from a seed and its
 * number, {@link dev.crossencoder.faults.records.Feeder} sends the records to the input topic,
 * {@link dev.crossencoder.faults.records.OutputReader} reads the two output topics, and {@link
 * dev.crossencoder.faults.records.Ledger} compares outputs with inputs.
 */
package dev.crossencoder.faults.records;
