package dev.crossencoder.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.crossencoder.evaluation.labels.BestThreshold;
import dev.crossencoder.evaluation.labels.BinaryFigures;
import dev.crossencoder.evaluation.labels.ClassificationFigures;
import dev.crossencoder.evaluation.labels.SimilarityFigures;
import dev.crossencoder.evaluation.ranking.MissingQueries;
import dev.crossencoder.evaluation.ranking.Qrels;
import dev.crossencoder.evaluation.ranking.RankedDocument;
import dev.crossencoder.evaluation.ranking.RankingEvaluation;
import dev.crossencoder.evaluation.ranking.RankingFigure;
import dev.crossencoder.evaluation.ranking.RankingOptions;
import dev.crossencoder.evaluation.ranking.RankingResult;
import dev.crossencoder.evaluation.ranking.Run;
import dev.crossencoder.evaluation.statistics.Difference;
import dev.crossencoder.evaluation.statistics.PairedBootstrap;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The figures are those that src/test/python/reference.py recorded. */
class ReferenceTest {
  private static final double TOLERANCE = 1e-9;

  static Stream<JsonNode> rankings() throws IOException {
    return cases("rankings");
  }

  static Stream<JsonNode> classifications() throws IOException {
    return cases("classifications");
  }

  static Stream<JsonNode> binaries() throws IOException {
    return cases("binaries");
  }

  static Stream<JsonNode> similarities() throws IOException {
    return cases("similarities");
  }

  static Stream<JsonNode> bootstraps() throws IOException {
    return cases("bootstraps");
  }

  private static Stream<JsonNode> cases(String kind) throws IOException {
    try (InputStream in = ReferenceTest.class.getResourceAsStream("reference.json")) {
      JsonNode cases = new JsonMapper().readTree(in).path(kind);
      assertThat(cases).isNotEmpty();
      return StreamSupport.stream(cases.spliterator(), false);
    }
  }

  @ParameterizedTest
  @MethodSource("rankings")
  void figuresOfEachQueryAreThoseOfPytrecEval(JsonNode recorded) {
    List<RankingFigure> figures =
        keys(recorded.path("by_query").elements().next()).stream()
            .map(RankingFigure::parse)
            .toList();
    RankingResult result = evaluate(recorded, figures, MissingQueries.LEFT_OUT);

    assertThat(result.byQuery().keySet())
        .containsExactlyInAnyOrderElementsOf(keys(recorded.path("by_query")));
    result
        .byQuery()
        .forEach(
            (query, values) -> {
              for (int i = 0; i < figures.size(); i++) {
                assertThat(values.get(i))
                    .as("%s of %s", figures.get(i), query)
                    .isCloseTo(
                        recorded
                            .path("by_query")
                            .path(query)
                            .path(figures.get(i).name())
                            .asDouble(),
                        within(TOLERANCE));
              }
            });
  }

  @ParameterizedTest
  @MethodSource("rankings")
  void meansAreThoseOfIrMeasures(JsonNode recorded) {
    JsonNode means = recorded.path("means_with_missing_as_zero");
    List<RankingFigure> figures = keys(means).stream().map(RankingFigure::parse).toList();
    RankingResult result = evaluate(recorded, figures, MissingQueries.COUNT_AS_ZERO);

    assertThat(result.byQuery()).hasSameSizeAs(recorded.path("qrels"));
    for (RankingFigure figure : figures) {
      assertThat(result.mean(figure))
          .as(figure.name())
          .isCloseTo(means.path(figure.name()).asDouble(), within(TOLERANCE));
    }
  }

  private static RankingResult evaluate(
      JsonNode recorded, List<RankingFigure> figures, MissingQueries missing) {
    Map<String, Map<String, Integer>> grades = new LinkedHashMap<>();
    Map<String, List<RankedDocument>> rankings = new LinkedHashMap<>();
    JsonNode qrels = recorded.path("qrels");
    for (String query : keys(qrels)) {
      Map<String, Integer> judged = new LinkedHashMap<>();
      keys(qrels.path(query))
          .forEach(name -> judged.put(name, qrels.path(query).path(name).asInt()));
      grades.put(query, judged);
    }
    JsonNode run = recorded.path("run");
    for (String query : keys(run)) {
      rankings.put(
          query,
          keys(run.path(query)).stream()
              .map(name -> new RankedDocument(name, (float) run.path(query).path(name).asDouble()))
              .toList());
    }
    RankingOptions options =
        RankingOptions.DEFAULT
            .withMissingQueries(missing)
            .withRelevanceLevel(recorded.path("relevance_level").asInt());
    return new RankingEvaluation(new Qrels(grades), figures, options).evaluate(new Run(rankings));
  }

  @ParameterizedTest
  @MethodSource("classifications")
  void classificationsAreThoseOfScikitLearn(JsonNode recorded) {
    ClassificationFigures figures =
        ClassificationFigures.of(texts(recorded.path("gold")), texts(recorded.path("predicted")));

    assertThat(figures.accuracy())
        .isCloseTo(recorded.path("accuracy").asDouble(), within(TOLERANCE));
    assertThat(figures.macroF1())
        .isCloseTo(recorded.path("macro_f1").asDouble(), within(TOLERANCE));
    assertThat(figures.labels()).isEqualTo(texts(recorded.path("labels")));
    assertThat(figures.confusion())
        .hasToString(recorded.path("confusion").toString().replace(",", ", "));
    assertThat(figures.pairs()).isEqualTo(recorded.path("gold").size());
  }

  @ParameterizedTest
  @MethodSource("binaries")
  void binaryFiguresAreThoseOfScikitLearnAndSentenceTransformers(JsonNode recorded) {
    List<Boolean> gold =
        DoubleStream.of(numbers(recorded.path("gold"))).mapToObj(value -> value == 1).toList();
    BinaryFigures figures = BinaryFigures.of(gold, numbers(recorded.path("scores")));

    assertThat(figures.averagePrecision())
        .isCloseTo(recorded.path("average_precision").asDouble(), within(TOLERANCE));
    assertBest(figures.bestF1(), recorded.path("f1"));
    assertBest(figures.bestAccuracy(), recorded.path("accuracy"));
  }

  private static void assertBest(BestThreshold found, JsonNode recorded) {
    assertThat(found.value()).isCloseTo(recorded.path("value").asDouble(), within(TOLERANCE));
    assertThat(found.threshold())
        .isCloseTo(recorded.path("threshold").asDouble(), within(TOLERANCE));
  }

  @ParameterizedTest
  @MethodSource("similarities")
  void correlationsAreThoseOfScipy(JsonNode recorded) {
    SimilarityFigures figures =
        SimilarityFigures.of(numbers(recorded.path("gold")), numbers(recorded.path("scores")));

    assertThat(figures.pearson()).isCloseTo(recorded.path("pearson").asDouble(), within(TOLERANCE));
    assertThat(figures.spearman())
        .isCloseTo(recorded.path("spearman").asDouble(), within(TOLERANCE));
  }

  /** Scipy draws other resamples: its interval is met to a twentieth of its width. */
  @ParameterizedTest
  @MethodSource("bootstraps")
  void intervalsAreThoseOfScipy(JsonNode recorded) {
    Difference found =
        PairedBootstrap.DEFAULT.ofMeans(
            numbers(recorded.path("first")), numbers(recorded.path("second")));

    double low = recorded.path("low").asDouble();
    double high = recorded.path("high").asDouble();
    double allowed = (high - low) / 20;
    assertThat(found.low()).isCloseTo(low, within(allowed));
    assertThat(found.high()).isCloseTo(high, within(allowed));
    assertThat(found.value()).isBetween(low, high);
    assertThat(found.pValue())
        .isCloseTo(recorded.path("t_test").asDouble(), within(0.02))
        .isPositive();
  }

  private static List<String> keys(JsonNode object) {
    List<String> keys = new ArrayList<>();
    for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
      keys.add(names.next());
    }
    return keys;
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(value -> texts.add(value.asText()));
    return texts;
  }

  private static double[] numbers(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false)
        .mapToDouble(JsonNode::asDouble)
        .toArray();
  }
}
