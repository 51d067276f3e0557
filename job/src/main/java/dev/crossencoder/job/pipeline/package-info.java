/**
 * The job from source to sinks.
 *
 * <p>{@link dev.crossencoder.job.pipeline.JobPipeline} builds the job, with Flink's settings from
 * {@code ClusterSettings}. {@code KafkaPairSelector} finds the pair of a record for the operator
 * that scores. {@code ResultSplicer} inserts the result into the record, or creates a dead letter.
 */
package dev.crossencoder.job.pipeline;
