/**
 * From a pair of texts to the ids that a model reads, as a {@code tokenizer.json} describes it.
 *
 * <p>{@link dev.crossencoder.model.tokenizer.PairEncoder} puts the prompt before the first text,
 * asks {@link dev.crossencoder.model.tokenizer.TextIds} for the ids of each text, shortens them by
 * {@link dev.crossencoder.model.tokenizer.Truncation}, and adds special tokens and segments by
 * {@link dev.crossencoder.model.tokenizer.PairTemplate} (the post-processor). Ids come from {@link
 * dev.crossencoder.model.tokenizer.WordPieceTokenizer}, in Java, for ASCII text of BERT's
 * tokenizers, and otherwise from {@link dev.crossencoder.model.tokenizer.TextTokenizer}, Hugging
 * Face's native library. A {@link dev.crossencoder.model.tokenizer.PrefixCut} says how little of a
 * long text has to be tokenized.
 */
package dev.crossencoder.model.tokenizer;
