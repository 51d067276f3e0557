package dev.crossencoder.model;

/**
 * A document of a ranking.
 *
 * @param corpusId the index of the document in the list that was ranked, from 0
 * @param score the score of the query and the text of the document
 * @param document the document
 * @param <T> the type of the documents
 */
public record RankedItem<T>(int corpusId, Score score, T document) {}
