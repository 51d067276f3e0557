/**
 * The JSON value of a record: finds its two texts and inserts its result. This package uses neither
 * Flink nor Kafka, so the command line scores files with the same classes.
 *
 * <p>In the order in which they handle a value:
 *
 * <ul>
 *   <li>{@link dev.crossencoder.job.record.PairReader} checks the frame that the serializer of a
 *       schema registry has written ({@link dev.crossencoder.job.record.InputFraming}), parses the
 *       bytes, and finds the texts that {@link dev.crossencoder.job.record.PairFields} names.
 *   <li>{@link dev.crossencoder.job.record.PairRecord} contains the texts and the {@link
 *       dev.crossencoder.job.record.ResultPlace}, the position of the result in the bytes.
 *   <li>{@link dev.crossencoder.job.record.ScoreJson} writes the result as JSON.
 *   <li>{@link dev.crossencoder.job.record.FailureCodes} lists the reasons why a value has no
 *       result.
 *   <li>{@link dev.crossencoder.job.record.JsonScorer} does all of this with a model in the same
 *       JVM.
 * </ul>
 */
package dev.crossencoder.job.record;
