package dev.crossencoder.operator;

import static dev.crossencoder.operator.Pipelines.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.crossencoder.model.RankedPassage;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Cascades of the embedded models against the same models, one after the other. */
@Timeout(180)
class CascadeITCase {
  private static final InMemoryReporter METRICS = InMemoryReporter.createWithRetainedMetrics();
  private static final int KEEP = 4;
  private static final float TOLERANCE = 1e-5f;

  @RegisterExtension
  static final MiniClusterExtension CLUSTER =
      new MiniClusterExtension(Pipelines.cluster(METRICS.addToConfiguration(new Configuration())));

  private static CrossEncoder qa;
  private static CrossEncoder rank;
  private static CrossEncoder nli;

  @BeforeAll
  static void open() {
    qa = open("demo-qa");
    rank = open("demo-rank");
    nli = open("demo-nli");
  }

  private static CrossEncoder open(String model) {
    // With one thread it has no helpers, which would live for ten seconds after their last pass.
    return CrossEncoder.open(
        ModelRepository.shared().resolve(model), CrossEncoderOptions.DEFAULT.withThreads(1));
  }

  @AfterAll
  static void close() {
    qa.close();
    rank.close();
    nli.close();
  }

  @AfterEach
  void noThreadIsLeft() {
    eventually().untilAsserted(() -> assertThat(Pipelines.scoringThreads()).isEmpty());
  }

  private static Configuration options(String first, String main) {
    Configuration options = TestOptions.of(main);
    options.set(CrossEncoderFunctionOptions.CASCADE_MODEL, first);
    return options;
  }

  /** The passages of a question, in lists of 0 to 11; some repeat, so that scores are equal. */
  private static RankRequest request(Question question) {
    List<String> documents = new ArrayList<>();
    for (int i = 0; i < question.id() % 12; i++) {
      Question other = Question.of(question.id() * 7 + i);
      documents.add(i % 5 == 4 ? null : other.passages().get(i % other.passages().size()));
    }
    return new RankRequest(question.query(), documents);
  }

  private static DataStream<Question> shuffled(StreamExecutionEnvironment environment, int count) {
    List<Question> questions = new ArrayList<>(Question.some(count));
    Collections.shuffle(questions, new Random(count));
    return environment.fromData(questions, Question.TYPE).uid("questions");
  }

  private static List<Integer> indexes(RankRequest request) {
    return IntStream.range(0, request.documents().size())
        .filter(index -> request.documents().get(index) != null)
        .boxed()
        .toList();
  }

  /** The indexes that a model ranks, best first, with scores. */
  private static List<RankedDocument> plain(
      CrossEncoder model, RankRequest request, List<Integer> indexes, int stage) {
    List<String> texts = indexes.stream().map(request.documents()::get).toList();
    List<RankedPassage> ranked = model.rank(request.query(), texts, Integer.MAX_VALUE);
    return ranked.stream()
        .map(passage -> new RankedDocument(indexes.get(passage.corpusId()), passage.score(), stage))
        .toList();
  }

  /** Two plain rankings, one after the other. */
  private static List<RankedDocument> composed(
      CrossEncoder first, CrossEncoder main, RankRequest request, int keep) {
    List<RankedDocument> all = plain(first, request, indexes(request), 0);
    List<Integer> kept = all.stream().limit(keep).map(RankedDocument::index).sorted().toList();
    List<RankedDocument> composed = new ArrayList<>(plain(main, request, kept, 1));
    all.stream().skip(keep).forEach(composed::add);
    return composed;
  }

  private static void assertRanked(
      RankRequest request, List<RankedDocument> actual, List<RankedDocument> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i).stage()).isEqualTo(expected.get(i).stage());
      assertThat(actual.get(i).score().score())
          .isCloseTo(expected.get(i).score().score(), within(TOLERANCE));
    }
    // Scores of the same text are equal up to rounding, so that one may take the other's place.
    assertThat(actual)
        .extracting(document -> request.documents().get(document.index()))
        .containsExactlyInAnyOrderElementsOf(
            expected.stream().map(document -> request.documents().get(document.index())).toList());
    assertThat(actual).extracting(RankedDocument::index).doesNotHaveDuplicates();
  }

  @Test
  void aCascadeOfListsIsTwoRankingsOneAfterTheOther() throws Exception {
    StreamExecutionEnvironment environment = Pipelines.environment(2);
    Configuration options = options("demo-qa", "demo-rank");
    options.set(CrossEncoderFunctionOptions.CASCADE_KEEP, KEEP);
    CloseableIterator<Ranked<Question>> iterator =
        CrossEncoderFunction.rank(
                shuffled(environment, 120), "cascade", CascadeITCase::request, options)
            .collectAsync();
    JobClient job = environment.executeAsync("cascade");
    List<Ranked<Question>> results = new ArrayList<>();
    iterator.forEachRemaining(results::add);
    iterator.close();

    assertThat(results).hasSize(120);
    int documents = 0;
    int kept = 0;
    for (Ranked<Question> ranked : results) {
      RankRequest request = request(ranked.element());
      int valid = indexes(request).size();
      documents += valid;
      kept += Math.min(KEEP, valid);
      assertThat(ranked.failed()).isFalse();
      assertThat(ranked.stages()).extracting(Stage::model).containsExactly("demo-qa", "demo-rank");
      assertThat(ranked.stages().get(1).revision()).isEqualTo(ranked.revision());
      assertThat(ranked.model()).isEqualTo("demo-rank");
      assertThat(ranked.errors())
          .extracting(RefusedDocument::index)
          .containsExactlyElementsOf(
              IntStream.range(0, request.documents().size())
                  .filter(index -> request.documents().get(index) == null)
                  .boxed()
                  .toList());
      assertRanked(request, ranked.results(), composed(qa, rank, request, KEEP));
    }
    assertThat(counter(job.getJobID(), "stage\\.0\\.pairsScored")).isEqualTo(documents);
    assertThat(counter(job.getJobID(), "stage\\.1\\.pairsScored")).isEqualTo(kept);
    assertThat(counter(job.getJobID(), "pairsScored")).isEqualTo(documents);
  }

  /** The sum over the subtasks. */
  private static long counter(JobID job, String name) {
    return METRICS.findMetrics(job, "crossEncoder\\." + name + "$").values().stream()
        .mapToLong(metric -> ((Counter) metric).getCount())
        .sum();
  }

  @Test
  void theTopAreOfTheMainModelAndASmallestScoreIsItsOwn() throws Exception {
    Configuration options = options("demo-qa", "demo-rank");
    options.set(CrossEncoderFunctionOptions.CASCADE_KEEP, KEEP);
    options.set(CrossEncoderFunctionOptions.MIN_SCORE, 0.1f);

    List<Ranked<Question>> results =
        Pipelines.collect(
            CrossEncoderFunction.rank(
                shuffled(Pipelines.environment(1), 60),
                "cascade",
                CascadeITCase::request,
                options));

    assertThat(results).hasSize(60);
    for (Ranked<Question> ranked : results) {
      assertRanked(
          request(ranked.element()),
          ranked.results(),
          composed(qa, rank, request(ranked.element()), KEEP).stream()
              .filter(document -> document.stage() == 1 && document.score().score() >= 0.1f)
              .toList());
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {0, 0.5f, 1})
  void thePairsInDoubtAreThoseOfTheMainModel(float margin) throws Exception {
    Configuration options = options("demo-nli", "demo-nli");
    options.set(CrossEncoderFunctionOptions.CASCADE_MARGIN, margin);
    // The first model does not have the activation of the main one.
    options.setString(CrossEncoderFunctionOptions.ACTIVATION.key(), "softmax");

    List<Scored<Question>> results =
        Pipelines.collect(
            CrossEncoderFunction.score(
                shuffled(Pipelines.environment(2), 60), "pairs", Question::pairs, options));

    assertThat(results).hasSize(60);
    for (Scored<Question> scored : results) {
      List<Score> first = nli.score(scored.element().pairs());
      assertThat(scored.stages()).hasSize(2);
      for (int i = 0; i < first.size(); i++) {
        double difference = difference(first.get(i));
        int stage = scored.scoredBy().get(i);
        if (Math.abs(difference - margin) > TOLERANCE) {
          assertThat(stage).isEqualTo(difference >= margin ? 0 : 1);
        }
        double sum =
            scored.scores().get(i).scores().values().stream().mapToDouble(value -> value).sum();
        boolean isProbability = Math.abs(sum - 1) < 1e-3;
        assertThat(isProbability).as("softmax of the main model").isEqualTo(stage == 1);
      }
    }
  }

  private static double difference(Score score) {
    double[] logits = score.logits().stream().mapToDouble(Float::doubleValue).sorted().toArray();
    double sum = Arrays.stream(logits).map(Math::exp).sum();
    return (Math.exp(logits[logits.length - 1]) - Math.exp(logits[logits.length - 2])) / sum;
  }

  @Test
  void pairsWithOneLabelAreInDoubtNearTheSmallestScore() throws Exception {
    Configuration options = options("demo-qa", "demo-rank");
    options.set(CrossEncoderFunctionOptions.CASCADE_MARGIN, 0.3f);

    List<Scored<Question>> results =
        Pipelines.collect(
            CrossEncoderFunction.score(
                shuffled(Pipelines.environment(2), 60), "pairs", Question::pairs, options));

    assertThat(results).hasSize(60);
    for (Scored<Question> scored : results) {
      List<TextPair> pairs = scored.element().pairs();
      List<Score> first = qa.score(pairs);
      List<Score> second = rank.score(pairs);
      for (int i = 0; i < pairs.size(); i++) {
        boolean sure = Math.abs(first.get(i).score() - 0.5) >= 0.3;
        assertThat(scored.scoredBy().get(i)).isEqualTo(sure ? 0 : 1);
        assertThat(scored.scores().get(i).score())
            .isCloseTo((sure ? first : second).get(i).score(), within(TOLERANCE));
      }
    }
  }

  @Test
  void aModelAfterItselfRanksAsAlone() throws Exception {
    Configuration options = options("demo-rank", "demo-rank");
    options.set(CrossEncoderFunctionOptions.CASCADE_KEEP, KEEP);

    List<Ranked<Question>> results =
        Pipelines.collect(
            CrossEncoderFunction.rank(
                shuffled(Pipelines.environment(2), 60),
                "cascade",
                CascadeITCase::request,
                options));

    for (Ranked<Question> ranked : results) {
      RankRequest request = request(ranked.element());
      assertThat(ranked.results())
          .extracting(document -> document.score().score())
          .usingElementComparator((a, b) -> Math.abs(a - b) < TOLERANCE ? 0 : Float.compare(a, b))
          .containsExactlyElementsOf(
              plain(rank, request, indexes(request), 0).stream()
                  .map(document -> document.score().score())
                  .toList());
    }
  }

  @Test
  void twoOperatorsHaveTheirCascadesOnOneDevice() throws Exception {
    StreamExecutionEnvironment environment = Pipelines.environment(2);
    DataStream<Question> questions = shuffled(environment, 60);
    Configuration one = options("demo-qa", "demo-rank");
    Configuration other = options("demo-rank", "demo-qa");

    List<Ranked<Question>> results =
        Pipelines.collect(
            CrossEncoderFunction.rank(questions, "one", CascadeITCase::request, one)
                .union(
                    CrossEncoderFunction.rank(questions, "other", CascadeITCase::request, other)));

    assertThat(results).hasSize(120);
    for (Ranked<Question> ranked : results) {
      boolean mainIsRank = ranked.model().equals("demo-rank");
      assertRanked(
          request(ranked.element()),
          ranked.results(),
          composed(mainIsRank ? qa : rank, mainIsRank ? rank : qa, request(ranked.element()), 20));
    }
  }

  @Test
  void afterARestartEveryRecordHasItsStagesExactlyOnce() throws Exception {
    int count = 160;
    DataStream<Question> questions =
        Pipelines.environment(2, 5)
            .fromSource(
                new DataGeneratorSource<>(
                    index -> Question.of(index.intValue()),
                    count,
                    RateLimiterStrategy.perCheckpoint(count / 4),
                    Question.TYPE),
                WatermarkStrategy.noWatermarks(),
                "questions")
            .uid("questions");
    Configuration options = options("demo-qa", "demo-rank");
    options.set(CrossEncoderFunctionOptions.CASCADE_KEEP, KEEP);
    FailingOnce.failures.set(0);

    List<Ranked<Question>> results =
        Pipelines.collect(
            CrossEncoderFunction.rank(questions, "cascade", CascadeITCase::request, options)
                .map(new FailingOnce<>())
                .returns(Ranked.typeInformation(Question.TYPE))
                .uid("failing-once"));

    assertThat(FailingOnce.failures).hasValue(1);
    assertThat(results)
        .extracting(ranked -> ranked.element().id())
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, count).boxed().toList());
    for (Ranked<Question> ranked : results) {
      assertThat(ranked.stages()).hasSize(2);
      assertRanked(
          request(ranked.element()),
          ranked.results(),
          composed(qa, rank, request(ranked.element()), KEEP));
    }
  }

  @Test
  void aFirstModelThatDoesNotExistIsNamedAndTheJobEnds() {
    Configuration options = options("/nowhere/first", "demo-rank");
    options.setString(CrossEncoderFunctionOptions.MODEL_WAIT.key(), "0 s");

    assertThatThrownBy(
            () ->
                Pipelines.collect(
                    CrossEncoderFunction.rank(
                        shuffled(Pipelines.environment(1), Pipelines.MORE_THAN_ARE_READ),
                        "cascade",
                        CascadeITCase::request,
                        options)))
        .hasStackTraceContaining("Cannot get the model /nowhere/first");
  }
}
