/**
 * LangChain4j's {@link dev.langchain4j.model.scoring.ScoringModel}, with which retrieval ranks what
 * it has found again: {@link dev.crossencoder.langchain4j.CrossEncoderScoringModel}.
 */
package dev.crossencoder.langchain4j;
