package dev.crossencoder.model.tokenizer;

/**
 * A part of a text that a chunk contains whole: a sentence, or a word of a long sentence, or a part
 * of a long word. It neither begins nor ends with white space.
 *
 * @param before the index at which the white space before it begins
 * @param start the index of its first character
 * @param end the index behind its last character
 * @param tokens the number of its tokens together with the white space before it; {@link
 *     Integer#MAX_VALUE} if there is too much white space to count it
 * @param startsSentence whether a sentence begins with it
 * @param endsSentence whether a sentence ends with it
 */
record TextUnit(
    int before, int start, int end, int tokens, boolean startsSentence, boolean endsSentence) {}
