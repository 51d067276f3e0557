package dev.crossencoder.model;

/**
 * One passage in the order of its relevance, as sentence-transformers' {@code rank} returns it.
 *
 * @param corpusId where the passage stood in the list that was ranked, from 0
 * @param score its score for the query
 * @param passage its text
 */
public record RankedPassage(int corpusId, Score score, String passage) {}
