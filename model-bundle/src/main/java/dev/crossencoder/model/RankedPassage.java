package dev.crossencoder.model;

/**
 * A passage of a ranking, as {@code CrossEncoder.rank} of sentence-transformers returns it.
 *
 * @param corpusId the index of the passage in the list that was ranked, from 0
 * @param score the score of the query and the passage
 * @param passage the text of the passage
 */
public record RankedPassage(int corpusId, Score score, String passage) {}
