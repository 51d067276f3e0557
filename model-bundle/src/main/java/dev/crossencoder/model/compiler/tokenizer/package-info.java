/**
 * The tokenizer of a checkpoint as a {@code tokenizer.json}: {@link
 * dev.crossencoder.model.compiler.tokenizer.CheckpointTokenizer} reads that file, or builds it from
 * the older files (vocabularies, merges, SentencePiece models) as the tokenizer classes of {@code
 * transformers} do.
 */
package dev.crossencoder.model.compiler.tokenizer;
