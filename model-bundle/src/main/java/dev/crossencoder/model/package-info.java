/**
 * The words that all packages share: pairs of texts, scores, activations, precisions, limits of a
 * batch, and what can be wrong with a model. The library knows neither Flink nor Kafka.
 *
 * <p>Two wings meet at {@code bundle}. The {@code compiler} turns a checkpoint in Hugging Face's
 * layout into a bundle; {@code scoring} opens a bundle and scores pairs, through a {@code
 * tokenizer} (text to ids) and an {@code engine} (ids to logits). Scoring never needs the compiler.
 * {@code repository} turns what a user names into a bundle on disk, with the {@code catalog} of
 * published models and the {@code hub}'s client.
 *
 * <p>A program needs {@code scoring.CrossEncoder}, {@code repository.ModelRepository}, {@code
 * compiler.BundleBuilder} and the types in their signatures. Other public types are public for the
 * other packages of this library and may change at any time; {@code ModelBundleArchitectureTest}
 * lists those that may not.
 */
package dev.crossencoder.model;
