package dev.crossencoder.evaluation.ranking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.crossencoder.evaluation.InvalidDataException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RankingEvaluationTest {
  private static final RankingFigure NDCG = RankingFigure.parse("ndcg@10");
  private static final RankingFigure NDCG_EXPONENTIAL = RankingFigure.parse("ndcg-exp@10");
  private static final RankingFigure MRR = RankingFigure.parse("mrr@10");

  @Test
  void theGainIsTheGradeOrAPowerOfTwo() {
    List<RankedDocument> ranking =
        List.of(new RankedDocument("a", 3), new RankedDocument("b", 2), new RankedDocument("c", 1));
    Map<String, Integer> grades = Map.of("a", 1, "c", 3);

    assertThat(NDCG.of(ranking, grades, 1))
        .isCloseTo((1 + 3 / 2.0) / (3 + 1 / (Math.log(3) / Math.log(2))), within(1e-12));
    assertThat(NDCG_EXPONENTIAL.of(ranking, grades, 1))
        .isCloseTo((1 + 7 / 2.0) / (7 + 1 / (Math.log(3) / Math.log(2))), within(1e-12));
  }

  @Test
  void aTieIsBrokenByTheHigherIdEvenIfItsScoreIsMinusZero() {
    Run run = run("q", new RankedDocument("a", 0.0f), new RankedDocument("b", -0.0f));

    assertThat(run.rankings().get("q")).extracting(RankedDocument::id).containsExactly("b", "a");
  }

  @Test
  void missingAndUnjudgedQueriesAreCounted() {
    Qrels qrels =
        new Qrels(Map.of("q", Map.of("a", 1), "missing", Map.of("a", 1), "bad", Map.of("a", 0)));
    Run run =
        new Run(
            Map.of(
                "q", List.of(new RankedDocument("a", 1)),
                "bad", List.of(new RankedDocument("a", 1)),
                "unjudged", List.of(new RankedDocument("a", 1))));

    RankingResult asZero =
        new RankingEvaluation(qrels, List.of(MRR), RankingOptions.DEFAULT).evaluate(run);
    RankingResult leftOut =
        new RankingEvaluation(
                qrels,
                List.of(MRR),
                RankingOptions.DEFAULT.withMissingQueries(MissingQueries.LEFT_OUT))
            .evaluate(run);

    assertThat(asZero.mean(MRR)).isCloseTo(1 / 3.0, within(1e-12));
    assertThat(leftOut.mean(MRR)).isCloseTo(1 / 2.0, within(1e-12));
    assertThat(asZero.missingQueries()).isEqualTo(1);
    assertThat(leftOut.missingQueries()).isEqualTo(1);
    assertThat(asZero.unjudgedQueries()).isEqualTo(1);
    assertThat(asZero.queriesWithoutRelevant()).isEqualTo(1);
  }

  @Test
  void judgementsOfOtherQueriesAreRefused() {
    RankingEvaluation evaluation =
        new RankingEvaluation(
            new Qrels(Map.of("1", Map.of("a", 1), "2", Map.of("a", 1))),
            List.of(NDCG),
            RankingOptions.DEFAULT);

    assertThatThrownBy(() -> evaluation.evaluate(run("q", new RankedDocument("a", 1))))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage(
            "Cannot evaluate, none of the 1 queries of the run has judgements, which are for 2 other queries. Give the judgements of this run.");
  }

  @Test
  void judgementsThatNumberQueriesByTheirPlaceAreRefused() {
    RankingEvaluation evaluation =
        new RankingEvaluation(
            new Qrels(Map.of("1", Map.of("a", 1), "2", Map.of("a", 1))),
            List.of(NDCG),
            RankingOptions.DEFAULT);
    List<RankedDocument> ranking = List.of(new RankedDocument("a", 1));

    assertThatThrownBy(() -> evaluation.evaluate(new Run(Map.of("1", ranking, "4", ranking))))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage(
            "Cannot evaluate, judgements are for the queries 1 to 2, but the 2 queries of the run have other ids, such as 4. If judgements number queries by their place, as those of Cranfield do, change the ids of the run.");
    assertThat(evaluation.evaluate(new Run(Map.of("1", ranking))).missingQueries()).isEqualTo(1);
    assertThat(evaluation.evaluate(new Run(Map.of("1", ranking, "2", ranking))).mean(NDCG))
        .isEqualTo(1);
  }

  @Test
  void aRunWithNaNIsRefused() {
    assertThatThrownBy(
            () -> run("q", new RankedDocument("a", Float.NaN), new RankedDocument("b", 1)))
        .isInstanceOf(InvalidDataException.class)
        .hasMessageStartingWith("Cannot rank, 1 of 2 scores are NaN.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ndcg@0", "recall", "precision", "bleu@10", "ndcg@", "NDCG@10", "map@-1"})
  void otherFiguresAreRefused(String name) {
    assertThatThrownBy(() -> RankingFigure.parse(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Invalid figure: %s. It must be one of ndcg, ndcg-exp,", name);
  }

  @Test
  void theRelevanceLevelIsAtLeastOne() {
    assertThatThrownBy(() -> RankingOptions.DEFAULT.withRelevanceLevel(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Invalid relevance level: 0.");
  }

  private static Run run(String query, RankedDocument... documents) {
    return new Run(Map.of(query, List.of(documents)));
  }

  @Test
  void aDocumentThatIsThereTwiceIsRefused() {
    assertThatThrownBy(() -> run("q", new RankedDocument("a", 2), new RankedDocument("a", 1)))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage("Cannot rank, query q has the document a twice. A document has one rank.");
  }

  @Test
  void gradesWhosePowerIsTooLargeAreRefused() {
    List<RankedDocument> ranking = List.of(new RankedDocument("a", 1));

    assertThat(NDCG_EXPONENTIAL.of(ranking, Map.of("a", 1_000, "b", 1_000), 1)).isBetween(0.5, 1.0);
    assertThatThrownBy(() -> NDCG_EXPONENTIAL.of(ranking, Map.of("a", 1_001), 1))
        .isInstanceOf(InvalidDataException.class)
        .hasMessage(
            "Cannot compute ndcg-exp, a document has the grade 1,001, and 2^grade is too large. Grades may be at most 1,000.");
  }
}
