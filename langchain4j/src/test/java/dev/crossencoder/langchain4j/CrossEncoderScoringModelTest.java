package dev.crossencoder.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.offset;

import dev.crossencoder.model.Activation;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import dev.langchain4j.data.document.Metadata;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.rag.content.Content;
import dev.langchain4j.rag.content.ContentMetadata;
import dev.langchain4j.rag.content.aggregator.ContentAggregator;
import dev.langchain4j.rag.content.aggregator.ReRankingContentAggregator;
import dev.langchain4j.rag.query.Query;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class CrossEncoderScoringModelTest {
  private static final String QUERY = "How tall is the lighthouse?";
  private static final String ANSWER = "The lighthouse is 41 metres tall.";
  private static final String OTHER = "Tickets are sold at the harbour office.";
  private static final String RELATED = "The lighthouse was painted white in 1954.";

  private static CrossEncoderScoringModel scoringModel;

  @BeforeAll
  static void open() {
    scoringModel = builder().build();
  }

  @AfterAll
  static void close() {
    scoringModel.close();
  }

  private static CrossEncoderScoringModel.Builder builder() {
    return CrossEncoderScoringModel.builder()
        .modelName("demo-qa")
        .options(CrossEncoderOptions.DEFAULT.withThreads(1));
  }

  private static List<TextSegment> segments(String... texts) {
    return Stream.of(texts).map(TextSegment::from).toList();
  }

  @Test
  void scoresHaveTheOrderOfTheSegmentsAndAreTheCrossEncoders() {
    Response<List<Double>> response =
        scoringModel.scoreAll(segments(OTHER, ANSWER, RELATED), QUERY);

    assertThat(response.content()).hasSize(3);
    assertThat(response.content().get(1))
        .isGreaterThan(response.content().get(0))
        .isGreaterThan(response.content().get(2));
    try (CrossEncoder model = crossEncoder("demo-qa")) {
      List<Score> scores =
          model.score(Stream.of(OTHER, ANSWER, RELATED).map(p -> new TextPair(QUERY, p)).toList());
      for (int i = 0; i < 3; i++) {
        assertThat(response.content().get(i)).isCloseTo(scores.get(i).score(), offset(1e-5));
      }
    }
  }

  @Test
  void noSegmentsHaveNoScores() {
    assertThat(scoringModel.scoreAll(List.of(), QUERY).content()).isEmpty();
  }

  @Test
  void oneSegmentOrTextHasTheScoreThatItHasInAList() {
    double inAList = scoringModel.scoreAll(segments(OTHER, ANSWER), QUERY).content().get(1);

    assertThat(scoringModel.score(ANSWER, QUERY).content()).isCloseTo(inAList, offset(1e-5));
    assertThat(scoringModel.score(TextSegment.from(ANSWER), QUERY).content())
        .isCloseTo(inAList, offset(1e-5));
  }

  @Test
  void metadataOfASegmentDoesNotChangeItsScore() {
    TextSegment bare = TextSegment.from(ANSWER);
    TextSegment titled = TextSegment.from(ANSWER, Metadata.from("title", OTHER));

    List<Double> scores = scoringModel.scoreAll(List.of(bare, titled), QUERY).content();

    assertThat(scores.get(0)).isCloseTo(scores.get(1), offset(1e-5));
  }

  @Test
  void theResponseSaysWithWhatWasScoredAndWhatWasCut() {
    Response<List<Double>> response =
        scoringModel.scoreAll(segments(ANSWER, (RELATED + " ").repeat(200)), QUERY);

    assertThat(response.metadata())
        .containsEntry(CrossEncoderScoringModel.MODEL, "demo-qa")
        .containsEntry(CrossEncoderScoringModel.TRUNCATED, List.of(1))
        .hasEntrySatisfying(
            CrossEncoderScoringModel.REVISION,
            revision -> assertThat((String) revision).startsWith("sha256:"));
    assertThat(response.tokenUsage()).isNull();
    assertThat(response.finishReason()).isNull();
  }

  @Test
  void theAggregatorOfLangChain4jRanksWithIt() {
    ContentAggregator aggregator =
        ReRankingContentAggregator.builder().scoringModel(scoringModel).maxResults(2).build();
    List<Content> retrieved = segments(OTHER, RELATED, ANSWER).stream().map(Content::from).toList();

    List<Content> ranked = aggregator.aggregate(Map.of(Query.from(QUERY), List.of(retrieved)));

    assertThat(ranked).hasSize(2);
    assertThat(ranked.get(0).textSegment().text()).isEqualTo(ANSWER);
    assertThat((double) ranked.get(0).metadata().get(ContentMetadata.RERANKED_SCORE))
        .isGreaterThan((double) ranked.get(1).metadata().get(ContentMetadata.RERANKED_SCORE));
  }

  @Test
  void optionsChangeTheScore() {
    try (CrossEncoderScoringModel logits =
        builder()
            .options(CrossEncoderOptions.DEFAULT.withThreads(1).withActivation(Activation.IDENTITY))
            .build()) {
      double logit = logits.score(ANSWER, QUERY).content();

      assertThat(scoringModel.score(ANSWER, QUERY).content())
          .isCloseTo(1 / (1 + Math.exp(-logit)), offset(1e-5));
    }
  }

  @Test
  void threadsMayScoreAtTheSameTime() throws Exception {
    double alone = scoringModel.score(ANSWER, QUERY).content();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Double>> scores = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        scores.add(threads.submit(() -> scoringModel.score(ANSWER, QUERY).content()));
      }
      for (Future<Double> score : scores) {
        assertThat(score.get()).isCloseTo(alone, offset(1e-5));
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aClosedModelIsClosedOnceAndSaysSo() {
    CrossEncoderScoringModel closed = builder().build();
    closed.close();
    closed.close();

    assertThatIllegalStateException()
        .isThrownBy(() -> closed.score(ANSWER, QUERY))
        .withMessageContaining("demo-qa")
        .withMessageContaining("closed");
  }

  @Test
  void aModelWithSeveralLabelsIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().modelName("demo-nli").build())
        .withMessage(
            "Cannot score segments with demo-nli, it has 3 labels. A scoring model has one score for each segment: take a model with one label.");
    try (CrossEncoder model = crossEncoder("demo-nli")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new CrossEncoderScoringModel(model).close());
    }
  }

  @Test
  void whatIsMissingIsNamed() {
    assertThatIllegalStateException()
        .isThrownBy(() -> CrossEncoderScoringModel.builder().build())
        .withMessageContaining("modelName");
    assertThatNullPointerException()
        .isThrownBy(() -> scoringModel.scoreAll(segments(ANSWER), null))
        .withMessage("query is null");
  }

  private static CrossEncoder crossEncoder(String name) {
    return CrossEncoder.open(
        ModelRepository.shared().resolve(name), CrossEncoderOptions.DEFAULT.withThreads(1));
  }
}
