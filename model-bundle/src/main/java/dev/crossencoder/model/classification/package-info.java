/**
 * Zero-shot classification: {@link dev.crossencoder.model.classification.ZeroShotClassifier} turns
 * a text and candidate labels into pairs for an NLI model, and the logits of these pairs into a
 * {@link dev.crossencoder.model.classification.Classification}. Java, Flink, SQL and the command
 * line share it.
 */
package dev.crossencoder.model.classification;
