/**
 * The types that all packages of this library share: pairs of texts, scores, activations,
 * precisions, batch limits, devices, and the exceptions of a model. The library depends neither on
 * Flink nor on Kafka.
 *
 * <p>The packages form two parts that meet at {@code bundle}. The {@code compiler} turns a
 * checkpoint in Hugging Face layout into a bundle. {@code scoring} opens a bundle and scores pairs,
 * with a {@code tokenizer} (text to ids) and an {@code engine} (ids to logits). Scoring never
 * depends on the compiler. {@code repository} turns the name of a model into a bundle on disk, with
 * the client of the {@code hub}. The {@code catalog} describes published models.
 *
 * <p>A program uses {@code scoring.CrossEncoder}, {@code repository.ModelRepository}, {@code
 * compiler.BundleBuilder} and the types in their signatures. {@code ModelBundleArchitectureTest}
 * lists these types. All other public types are public for the other packages of this library only,
 * and may change at any time.
 */
package dev.crossencoder.model;
