package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.crossencoder.model.RankOptions;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.operator.RecordShape.Request;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RankShapeTest {
  private static final Failure TOO_LONG = new Failure(Failure.PAIR_TOO_LONG, "It is too long.");

  @Test
  void eachDocumentIsAPairWithTheQuery() throws Exception {
    Request<Ranked<String>> request = shape(RankOptions.ALL, "a", "b").request("record");

    assertThat(request.pairs()).containsExactly(new TextPair("q", "a"), new TextPair("q", "b"));
  }

  @Test
  void resultsAreSortedAndKeepTheIndexOfTheRecord() throws Exception {
    Ranked<String> ranked = rank(shape(RankOptions.ALL, "a", null, "c", "d"), 1f, 3f, 3f);

    assertThat(ranked.element()).isEqualTo("record");
    assertThat(ranked.failed()).isFalse();
    assertThat(ranked.results()).extracting(RankedDocument::index).containsExactly(2, 3, 0);
    assertThat(ranked.results())
        .extracting(document -> document.score().score())
        .containsExactly(3f, 3f, 1f);
    assertThat(ranked.errors())
        .containsExactly(
            new RefusedDocument(
                1, new Failure(RankRequest.NULL_DOCUMENT, "The document is null.")));
    assertThat(ranked.model()).isEqualTo("demo-qa");
    assertThat(ranked.revision()).isEqualTo("sha256:00");
  }

  @Test
  void theOptionsChooseTheResults() throws Exception {
    assertThat(rank(shape(RankOptions.ALL.withTopN(2), "a", "b", "c"), 1f, 3f, 2f).results())
        .extracting(RankedDocument::index)
        .containsExactly(1, 2);
    assertThat(rank(shape(RankOptions.ALL.withMinScore(9f), "a", "b"), 1f, 3f).results()).isEmpty();
  }

  @Test
  void aDocumentWithoutAScoreIsAnErrorAtItsIndex() throws Exception {
    Request<Ranked<String>> request = shape(RankOptions.ALL, null, "b", "c").request("record");

    Ranked<String> ranked =
        request
            .reducer()
            .result(List.of(new PairOutcome(null, TOO_LONG), outcome(2f)), "demo-qa", "sha256:00")
            .orElseThrow();

    assertThat(ranked.results()).extracting(RankedDocument::index).containsExactly(2);
    assertThat(ranked.errors()).extracting(RefusedDocument::index).containsExactly(0, 1);
    assertThat(ranked.errors().get(1).failure()).isEqualTo(TOO_LONG);
  }

  @Test
  void aRecordWithoutDocumentsHasNoResults() throws Exception {
    Request<Ranked<String>> request = shape(RankOptions.ALL).request("record");

    assertThat(request.pairs()).isEmpty();
    assertThat(request.reducer().result(List.of(), "demo-qa", "sha256:00"))
        .hasValueSatisfying(
            ranked -> {
              assertThat(ranked.failed()).isFalse();
              assertThat(ranked.results()).isEmpty();
            });
  }

  @Test
  void aRecordWithoutAnyGoodDocumentFails() {
    assertThatThrownBy(() -> shape(RankOptions.ALL, null, null).request("record"))
        .isInstanceOf(InvalidRecordException.class)
        .hasMessage(
            "None of the record's 2 documents can be scored. The first: null_document: The document is null.");
  }

  @Test
  void aRecordNoneOfWhoseDocumentsGetsAScoreFails() throws Exception {
    Request<Ranked<String>> request = shape(RankOptions.ALL, null, "b").request("record");

    Ranked<String> ranked =
        request
            .reducer()
            .result(List.of(new PairOutcome(null, TOO_LONG)), "demo-qa", "sha256:00")
            .orElseThrow();

    assertThat(ranked.failed()).isTrue();
    assertThat(ranked.failure().code()).isEqualTo(Failure.NO_VALID_DOCUMENT);
    assertThat(ranked.results()).isEmpty();
    assertThat(ranked.errors()).isEmpty();
  }

  @Test
  void aRecordWithTooManyDocumentsFails() {
    RankShape<String> shape =
        new RankShape<>(
            record -> new RankRequest("q", Collections.nCopies(4, "d")), RankOptions.ALL, 3);

    assertThatThrownBy(() -> shape.request("record"))
        .isInstanceOf(InvalidRecordException.class)
        .hasMessage(
            "The record has 4 documents. cross-encoder.max-documents is 3: raise it, or send fewer documents in a record.");
  }

  @Test
  void aSelectorThatReturnsNullFailsTheTask() {
    RankShape<String> shape = new RankShape<>(record -> null, RankOptions.ALL, 3);

    assertThatThrownBy(() -> shape.request("record"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("Cannot rank record record, the selector returned null.");
  }

  @Test
  void aReasonForADocumentThatIsNotThereIsRefused() {
    assertThatThrownBy(() -> new RankRequest("q", List.of("a"), Map.of(1, TOO_LONG)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid index of a refused document: 1. The request has 1 documents.");
  }

  @Test
  void aFailureOfAResultIsKnown() throws Exception {
    RankShape<String> shape = shape(RankOptions.ALL, "a");
    Ranked<String> failed =
        shape
            .request("record")
            .reducer()
            .result(List.of(new PairOutcome(null, TOO_LONG)), "demo-qa", "sha256:00")
            .orElseThrow();

    assertThat(shape.failureOf(failed).code()).isEqualTo(Failure.NO_VALID_DOCUMENT);
    assertThat(shape.failureOf(rank(shape, 1f))).isNull();
  }

  @Test
  void reasonsOfARequestAreKept() throws Exception {
    RankShape<String> shape =
        new RankShape<>(
            record -> new RankRequest("q", Arrays.asList("a", null), Map.of(1, TOO_LONG)),
            RankOptions.ALL,
            10);

    assertThat(rank(shape, 1f).errors()).containsExactly(new RefusedDocument(1, TOO_LONG));
  }

  private static RankShape<String> shape(RankOptions options, String... documents) {
    return new RankShape<>(
        record -> new RankRequest("q", Arrays.asList(documents)), options, 10_000);
  }

  private static Ranked<String> rank(RankShape<String> shape, Float... scores) throws Exception {
    List<PairOutcome> outcomes = Arrays.stream(scores).map(RankShapeTest::outcome).toList();
    return shape.request("record").reducer().result(outcomes, "demo-qa", "sha256:00").orElseThrow();
  }

  private static PairOutcome outcome(float score) {
    return new PairOutcome(FakeScoringModel.scoreOf(score), null);
  }
}
