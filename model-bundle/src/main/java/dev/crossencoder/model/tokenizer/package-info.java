/**
 * From a pair of texts to the ids that a model reads, as a {@code tokenizer.json} describes it.
 *
 * <p>{@link dev.crossencoder.model.tokenizer.PairEncoder} puts the prompt before the first text,
 * gets the ids of each text from {@link dev.crossencoder.model.tokenizer.TextIds}, truncates them
 * with {@link dev.crossencoder.model.tokenizer.Truncation}, and adds special tokens and segment ids
 * with {@link dev.crossencoder.model.tokenizer.PairTemplate} (the post-processor).
 *
 * <p>{@link dev.crossencoder.model.tokenizer.WordPieceTokenizer} computes the ids of ASCII text for
 * BERT's tokenizers, in Java. {@link dev.crossencoder.model.tokenizer.TextTokenizer}, Hugging
 * Face's native library, computes all others. A {@link dev.crossencoder.model.tokenizer.PrefixCut}
 * determines how much of a long text must be tokenized.
 */
package dev.crossencoder.model.tokenizer;
