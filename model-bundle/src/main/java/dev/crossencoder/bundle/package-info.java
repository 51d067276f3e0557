/**
 * From a Hugging Face cross-encoder checkpoint to scores: a plain library that knows neither Flink
 * nor Kafka.
 *
 * <p>{@link dev.crossencoder.bundle.CrossEncoder} scores; {@link
 * dev.crossencoder.bundle.BundleBuilder} compiles a checkpoint into a bundle; {@link
 * dev.crossencoder.bundle.ModelRepository} turns what a user names into a bundle on disk.
 */
package dev.crossencoder.bundle;
