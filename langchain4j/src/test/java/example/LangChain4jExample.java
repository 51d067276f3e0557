package example;

// readme:langchain4j
import dev.crossencoder.langchain4j.CrossEncoderScoringModel;
import dev.langchain4j.rag.DefaultRetrievalAugmentor;
import dev.langchain4j.rag.RetrievalAugmentor;
import dev.langchain4j.rag.content.aggregator.ReRankingContentAggregator;
import dev.langchain4j.rag.content.retriever.ContentRetriever;

/** Ranks what a retriever has found, and passes the best five on. */
final class LangChain4jExample {
  private LangChain4jExample() {}

  static RetrievalAugmentor augmentor(
      ContentRetriever retriever, CrossEncoderScoringModel scoringModel) {
    return DefaultRetrievalAugmentor.builder()
        .contentRetriever(retriever)
        .contentAggregator(
            ReRankingContentAggregator.builder().scoringModel(scoringModel).maxResults(5).build())
        .build();
  }
}
// end:langchain4j
