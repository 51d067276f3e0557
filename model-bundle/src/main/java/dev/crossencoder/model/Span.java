package dev.crossencoder.model;

/**
 * A part of a text.
 *
 * <p>This record can be part of Flink state. It is a Flink POJO: savepoints refer to it by the
 * names of the class and of its components, so neither may change.
 *
 * @param start the index of its first character, in UTF-16 code units of the text as given
 * @param end the index behind its last character
 */
public record Span(int start, int end) {}
