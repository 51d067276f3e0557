package dev.crossencoder.model;

/**
 * A chunk of a long text: the part of the text that a model reads at once.
 *
 * <p>This record can be part of Flink state. It is a Flink POJO: savepoints refer to it by the
 * names of the class and of its components, so neither may change.
 *
 * @param index the position in the chunks of the text, from 0
 * @param start the index of its first character, in UTF-16 code units of the text as given
 * @param end the index behind its last character
 */
public record Chunk(int index, int start, int end) {}
