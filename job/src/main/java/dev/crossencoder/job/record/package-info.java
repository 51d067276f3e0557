/**
 * The value of a record: where its two texts are, and where its result goes. It needs neither Flink
 * nor Kafka, so the command line scores files with the same classes.
 *
 * <p>In the order in which a value meets them: {@link dev.crossencoder.job.record.PairReader}
 * checks the frame that a schema registry's serializer has written ({@link
 * dev.crossencoder.job.record.InputFraming}), parses the bytes once and finds the texts that {@link
 * dev.crossencoder.job.record.PairFields} names. {@link dev.crossencoder.job.record.PairRecord} is
 * what it found; its {@link dev.crossencoder.job.record.ResultPlace} is where a result is spliced
 * into the bytes. {@link dev.crossencoder.job.record.ScoreJson} writes that result. {@link
 * dev.crossencoder.job.record.FailureCodes} lists why a value has none. {@link
 * dev.crossencoder.job.record.JsonScorer} does all of it with a model in the same JVM.
 */
package dev.crossencoder.job.record;
