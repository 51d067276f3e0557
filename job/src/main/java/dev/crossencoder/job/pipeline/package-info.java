/**
 * The job itself, from source to sinks.
 *
 * <p>{@link dev.crossencoder.job.pipeline.JobPipeline} builds it with Flink's settings from {@code
 * ClusterSettings}. In the order in which a record meets them: {@code KafkaPairSelector} finds its
 * pair for the operator that scores, and {@code ResultSplicer} puts the score into the record, or
 * makes a dead letter.
 */
package dev.crossencoder.job.pipeline;
