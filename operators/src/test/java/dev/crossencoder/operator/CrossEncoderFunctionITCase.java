package dev.crossencoder.operator;

import static dev.crossencoder.operator.Pipelines.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.crossencoder.model.Activation;
import dev.crossencoder.model.Calibration;
import dev.crossencoder.model.ModelUnavailableException;
import dev.crossencoder.model.Precision;
import dev.crossencoder.model.RankedPassage;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.CalibratedBundle;
import dev.crossencoder.model.classification.Classification;
import dev.crossencoder.model.classification.ClassifyOptions;
import dev.crossencoder.model.hub.DownloadListener;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import dev.crossencoder.operator.CrossEncoderFunctionOptions.PrecisionChoice;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.Metric;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.testutils.logging.LoggerAuditingExtension;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.event.Level;

/** Whole pipelines, most of them with the embedded models. */
@Timeout(180)
class CrossEncoderFunctionITCase {
  private static final InMemoryReporter METRICS = InMemoryReporter.createWithRetainedMetrics();
  private static final int COUNT = 80;

  @RegisterExtension
  static final MiniClusterExtension CLUSTER =
      new MiniClusterExtension(Pipelines.cluster(METRICS.addToConfiguration(new Configuration())));

  @RegisterExtension
  private final LoggerAuditingExtension log =
      new LoggerAuditingExtension(PairScorer.class, Level.INFO);

  /** Static, because the function finds it in the TaskManager, which is this JVM. */
  private static FakeLoader loader;

  private static ModelRegistry registry;

  @TempDir private Path folder;

  @BeforeEach
  void replaceFakes() {
    loader = new FakeLoader();
    registry =
        new ModelRegistry((model, precision) -> ModelRepository.shared().resolve(model), loader);
  }

  @AfterEach
  void noThreadIsLeft() {
    eventually().untilAsserted(() -> assertThat(Pipelines.scoringThreads()).isEmpty());
  }

  @Test
  void scoresAndOrderAreTheLibrarys() throws Exception {
    DataStream<Question> questions = Pipelines.source(Pipelines.environment(1), COUNT);

    List<Scored<Question>> results =
        Pipelines.collect(
            CrossEncoderFunction.score(
                questions, "relevance", Question::pairs, TestOptions.of("demo-qa")));

    assertThat(results)
        .extracting(scored -> scored.element().id())
        .containsExactlyElementsOf(ids());
    Pipelines.assertScoredBy("demo-qa", results);
  }

  @Test
  void documentsAreRankedAsTheLibraryRanksThem() throws Exception {
    DataStream<Question> questions = Pipelines.source(Pipelines.environment(2), COUNT);
    Configuration options = TestOptions.of("demo-qa");
    options.set(CrossEncoderFunctionOptions.TOP_N, 2);

    List<Ranked<Question>> results =
        Pipelines.collect(
            CrossEncoderFunction.rank(
                questions,
                "rerank",
                question -> new RankRequest(question.query(), question.passages()),
                options));

    assertThat(results).hasSize(COUNT);
    try (CrossEncoder model =
        CrossEncoder.open(
            ModelRepository.shared().resolve("demo-qa"), CrossEncoderOptions.DEFAULT)) {
      for (Ranked<Question> ranked : results) {
        Question question = ranked.element();
        assertThat(ranked.failed()).isFalse();
        assertThat(ranked.results())
            .extracting(RankedDocument::index)
            .containsExactlyElementsOf(
                model.rank(question.query(), question.passages(), 2).stream()
                    .map(RankedPassage::corpusId)
                    .toList());
      }
    }
  }

  @Test
  void classificationsAreTheLibrarys() throws Exception {
    Configuration options = TestOptions.of("demo-nli");
    options.set(CrossEncoderFunctionOptions.CLASSIFY_LABELS, List.of("food", "ships"));
    options.set(CrossEncoderFunctionOptions.CLASSIFY_TEMPLATE, "This is about {}.");

    List<Classified<Question>> results =
        Pipelines.collect(
            CrossEncoderFunction.classify(
                Pipelines.source(Pipelines.environment(2), COUNT),
                "topic",
                question ->
                    question.id() % 2 == 0
                        ? new ClassifyRequest(question.query())
                        : new ClassifyRequest(question.query(), List.of("own")),
                options));

    assertThat(results).hasSize(COUNT);
    try (CrossEncoder model =
        CrossEncoder.open(
            ModelRepository.shared().resolve("demo-nli"), CrossEncoderOptions.DEFAULT)) {
      for (Classified<Question> classified : results) {
        Question question = classified.element();
        List<String> labels = question.id() % 2 == 0 ? List.of("food", "ships") : List.of("own");
        Classification expected =
            model.classify(
                question.query(),
                labels,
                ClassifyOptions.DEFAULT.withTemplate("This is about {}."));
        assertThat(classified.failed()).isFalse();
        assertThat(classified.labels()).isEqualTo(expected.labels());
        assertThat(classified.scores().get(0)).isEqualTo(expected.scores().get(0), within(1e-5f));
      }
    }
  }

  @Test
  void aModelWithoutEntailmentIsRefusedWithoutRestarts() {
    Configuration options = TestOptions.of("demo-qa");
    options.set(CrossEncoderFunctionOptions.CLASSIFY_LABELS, List.of("food"));

    assertThatThrownBy(
            () ->
                Pipelines.collect(
                    CrossEncoderFunction.classify(
                        Pipelines.source(Pipelines.environment(1), 1),
                        "topic",
                        question -> new ClassifyRequest(question.query()),
                        options)))
        .hasStackTraceContaining("Cannot classify with demo-qa, it has one label.");
  }

  @Test
  void aRecordBelowTheSmallestScoreIsDropped() throws Exception {
    List<Question> questions = Question.some(COUNT);
    Configuration options = TestOptions.of("demo-qa");
    options.set(CrossEncoderFunctionOptions.MIN_SCORE, 0.5f);

    List<Scored<Question>> results =
        Pipelines.collect(
            CrossEncoderFunction.score(
                Pipelines.source(Pipelines.environment(1), COUNT),
                "relevant",
                Question::pairs,
                options));

    try (CrossEncoder model =
        CrossEncoder.open(
            ModelRepository.shared().resolve("demo-qa"), CrossEncoderOptions.DEFAULT)) {
      assertThat(results)
          .hasSizeBetween(1, COUNT - 1)
          .extracting(scored -> scored.element().id())
          .containsExactlyElementsOf(
              questions.stream()
                  .filter(
                      question ->
                          model.score(question.pairs()).stream()
                              .anyMatch(score -> score.score() >= 0.5f))
                  .map(Question::id)
                  .toList());
    }
  }

  @Test
  void theScoresOfACalibratedBundleAreProbabilitiesUnlessTheModelsActivationIsChosen(
      @TempDir Path folder) throws Exception {
    Bundle plain = ModelRepository.shared().resolve("demo-qa");
    Calibration calibration = Calibration.platt(0.5, 0.25, 100);
    Bundle calibrated = CalibratedBundle.write(plain, calibration, folder.resolve("calibrated"));

    List<Scored<Question>> probabilities = scored(calibrated, "auto");
    List<Scored<Question>> own = scored(calibrated, "model");

    assertThat(probabilities).hasSameSizeAs(own).isNotEmpty();
    for (int i = 0; i < own.size(); i++) {
      assertThat(probabilities.get(i).revision()).isEqualTo(calibrated.digest());
      for (int j = 0; j < own.get(i).scores().size(); j++) {
        float logit = own.get(i).scores().get(j).logits().get(0);
        assertThat(probabilities.get(i).scores().get(j).score())
            .isCloseTo(calibration.apply(new float[] {logit})[0], within(1e-5f));
        assertThat(own.get(i).scores().get(j).score())
            .isCloseTo(Activation.SIGMOID.apply(new float[] {logit})[0], within(1e-5f));
      }
    }
  }

  private static List<Scored<Question>> scored(Bundle bundle, String activation) throws Exception {
    Configuration options = TestOptions.of(bundle.folder().toString());
    options.setString(CrossEncoderFunctionOptions.ACTIVATION.key(), activation);
    return Pipelines.collect(
        CrossEncoderFunction.score(
            Pipelines.source(Pipelines.environment(1), 20),
            "calibrated",
            Question::pairs,
            options));
  }

  /** Each question comes six times, to two subtasks that share the model and its cache. */
  @Test
  void scoresOfACacheAreThoseOfTheModel() throws Exception {
    Configuration options = TestOptions.of("demo-qa");
    options.setString(CrossEncoderFunctionOptions.CACHE_MAX_SIZE.key(), "4 mb");
    List<Question> repeated = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      repeated.addAll(Question.some(20));
    }
    Collections.shuffle(repeated, new Random(3));
    StreamExecutionEnvironment environment = Pipelines.environment(2);
    CloseableIterator<Scored<Question>> iterator =
        CrossEncoderFunction.score(
                environment.fromData(repeated, Question.TYPE).uid("repeated"),
                "cached",
                Question::pairs,
                options)
            .collectAsync();
    JobID job = environment.executeAsync("cached").getJobID();
    List<Scored<Question>> results = new ArrayList<>();
    iterator.forEachRemaining(results::add);
    iterator.close();

    assertThat(results).hasSize(repeated.size());
    Pipelines.assertScoredBy("demo-qa", results);
    long pairs = results.stream().mapToLong(scored -> scored.scores().size()).sum();
    long different = Question.some(20).stream().flatMap(q -> q.pairs().stream()).distinct().count();
    // If one subtask has ended before the other begins, the second one has a cache of its own.
    assertThat(sum(job, "cacheMisses")).isBetween(different, 2 * different);
    assertThat(sum(job, "cacheHits") + sum(job, "cacheMisses")).isEqualTo(pairs);
  }

  /** Returns the sum of a counter over all subtasks. */
  private static long sum(JobID job, String name) {
    return METRICS.findMetrics(job, "crossEncoder\\." + name + "$").values().stream()
        .mapToLong(found -> ((Counter) found).getCount())
        .sum();
  }

  @Test
  void labelsAreTheLibrarys() throws Exception {
    DataStream<Question> questions = Pipelines.source(Pipelines.environment(2), 20);

    List<Scored<Question>> results =
        Pipelines.collect(
            CrossEncoderFunction.score(
                questions, "entailment", Question::pairs, TestOptions.of("demo-nli")));

    assertThat(results).hasSize(20);
    assertThat(results.get(0).scores().get(0).scores())
        .containsOnlyKeys("contradiction", "entailment", "neutral");
    Pipelines.assertScoredBy("demo-nli", results);
  }

  @Test
  void aCheckpointIsScoredWithThePrecisionOfTheOptions() throws Exception {
    DataStream<Question> questions = Pipelines.source(Pipelines.environment(1), 20);

    List<Scored<Question>> results =
        Pipelines.collect(
            CrossEncoderFunction.score(
                questions,
                "int8",
                Question::pairs,
                TestOptions.with(CrossEncoderFunctionOptions.PRECISION, PrecisionChoice.INT8)));

    assertThat(results)
        .hasSize(20)
        .noneMatch(Scored::failed)
        .extracting(Scored::revision)
        .containsOnly(
            ModelRepository.shared()
                .resolve("demo-qa", Precision.INT8, DownloadListener.SILENT)
                .digest());
  }

  @Test
  void eachSubtaskSaysOnceWhatItScoresWith() throws Exception {
    DataStream<Question> questions = Pipelines.source(Pipelines.environment(2), COUNT);

    Pipelines.collect(
        CrossEncoderFunction.score(
            questions, "relevance", Question::pairs, TestOptions.of("demo-qa")));

    assertThat(log.getMessages())
        .hasSize(2)
        .allMatch(
            line ->
                line.matches(
                    "Scoring starts: task=\".*cross-encoder relevance.* \\([12]/2\\)#0\" model=demo-qa digest=sha256:[0-9a-f]{64} device=cpu threads=\\d+ capacity=128 batch-max-pairs=32 batch-max-tokens=1024 timeout=PT5M order=ordered load-ms=\\d+"));
  }

  @Test
  void aBundleOfEightBitsScoresOnOnnxRuntime() throws Exception {
    String model = TestBundles.demoQa(Precision.INT8, folder).folder().toString();
    DataStream<Question> questions = Pipelines.source(Pipelines.environment(2), COUNT);

    List<Scored<Question>> results =
        Pipelines.collect(
            CrossEncoderFunction.score(
                questions, "relevance", Question::pairs, TestOptions.of(model)));

    assertThat(results).hasSize(COUNT);
    Pipelines.assertScoredBy(model, results);
  }

  @Test
  void unorderedGivesTheSameResultsAndEndsWithALinger() throws Exception {
    Configuration options = TestOptions.of("demo-qa");
    options.setString(CrossEncoderFunctionOptions.ORDER.key(), "unordered");
    options.set(CrossEncoderFunctionOptions.BATCH_LINGER, Duration.ofMillis(100));
    DataStream<Question> questions = Pipelines.source(Pipelines.environment(2), COUNT);

    List<Scored<Question>> results =
        Pipelines.collect(
            CrossEncoderFunction.score(questions, "relevance", Question::pairs, options));

    assertThat(results)
        .extracting(scored -> scored.element().id())
        .containsExactlyInAnyOrderElementsOf(ids());
    Pipelines.assertScoredBy("demo-qa", results);
  }

  @Test
  void optionsReachTheModel() throws Exception {
    Configuration options =
        TestOptions.withText(CrossEncoderFunctionOptions.ACTIVATION, "identity");
    options.set(CrossEncoderFunctionOptions.MAX_LENGTH, 16);
    DataStream<Question> questions = Pipelines.source(Pipelines.environment(1), 12);

    List<Score> scores =
        Pipelines.collect(
                CrossEncoderFunction.score(questions, "relevance", Question::pairs, options))
            .stream()
            .flatMap(scored -> scored.scores().stream())
            .toList();

    assertThat(scores).allMatch(score -> score.score() == score.logits().get(0));
    assertThat(scores).anyMatch(Score::truncated).anyMatch(score -> !score.truncated());
  }

  @Test
  void aRankingWithoutAnyScoreIsAFailureThatIsCounted() throws Exception {
    StreamExecutionEnvironment environment = Pipelines.environment(1);
    Configuration options = TestOptions.of("demo-qa");
    options.set(CrossEncoderFunctionOptions.MAX_LENGTH, 8);
    options.setString(CrossEncoderFunctionOptions.TRUNCATION.key(), "only_second");
    CloseableIterator<Ranked<Question>> iterator =
        CrossEncoderFunction.rank(
                Pipelines.source(environment, 5),
                "unranked",
                question -> new RankRequest("who ".repeat(40), List.of("a", "b")),
                options)
            .collectAsync();
    JobClient job = environment.executeAsync("unranked");
    while (iterator.hasNext()) {
      assertThat(iterator.next().failure().code()).isEqualTo(Failure.NO_VALID_DOCUMENT);
    }
    iterator.close();

    JobID id = job.getJobID();
    assertThat(metric(id, Counter.class, "code.no_valid_document.recordsFailed").getCount())
        .isEqualTo(5);
    assertThat(metric(id, Counter.class, "code.pair_too_long.pairsFailed").getCount())
        .isEqualTo(10);
  }

  @Test
  void refusedRecordsBecomeFailuresAndTheMetricsSayWhatHappened() throws Exception {
    StreamExecutionEnvironment environment = Pipelines.environment(1);
    SingleOutputStreamOperator<Scored<Question>> scored =
        CrossEncoderFunction.score(
            Pipelines.source(environment, 90),
            "relevance",
            question -> {
              if (question.id() % 10 == 7) {
                throw new InvalidRecordException("unlucky", "Its id ends in 7.");
              }
              return question.pairs();
            },
            TestOptions.of("demo-qa"));
    CloseableIterator<Scored<Question>> iterator = scored.collectAsync();
    JobClient job = environment.executeAsync("metrics");
    long pairs = 0;
    long failed = 0;
    while (iterator.hasNext()) {
      Scored<Question> result = iterator.next();
      pairs += result.scores().size();
      if (result.failed()) {
        failed++;
        assertThat(result.failure()).isEqualTo(new Failure("unlucky", "Its id ends in 7."));
        assertThat(result.element().id() % 10).isEqualTo(7);
      }
    }
    iterator.close();

    JobID id = job.getJobID();
    assertThat(failed).isEqualTo(9);
    assertThat(metric(id, Counter.class, "pairsScored").getCount()).isEqualTo(pairs);
    assertThat(metric(id, Counter.class, "code.unlucky.recordsFailed").getCount()).isEqualTo(9);
    assertThat(metric(id, Histogram.class, "tokenizeMicros").getCount()).isEqualTo(pairs);
    assertThat(metric(id, Histogram.class, "queueMicros").getCount()).isEqualTo(pairs);
    Histogram batches = metric(id, Histogram.class, "batchPairs");
    assertThat(batches.getCount()).isPositive();
    assertThat(batches.getStatistics().getMax()).isBetween(1L, 32L);
    assertThat(metric(id, Histogram.class, "batchTokens").getStatistics().getMax())
        .isBetween(1L, 1024L);
    assertThat(metric(id, Histogram.class, "forwardMicros").getStatistics().getMin()).isPositive();
    assertThat((Long) metric(id, Gauge.class, "modelLoadMillis").getValue()).isPositive();
    assertThat(metric(id, Gauge.class, "recordsInFlight").getValue()).isEqualTo(0);
  }

  @Test
  void theCapacityBoundsWhatIsInFlight() throws Exception {
    loader.holding();
    Configuration options = TestOptions.with(CrossEncoderFunctionOptions.CAPACITY, 64);
    StreamExecutionEnvironment environment = Pipelines.environment(1);
    SingleOutputStreamOperator<Scored<Question>> scored =
        CrossEncoderFunction.score(
            Pipelines.source(environment, COUNT), "held", Question::pairs, options, () -> registry);
    CloseableIterator<Scored<Question>> iterator = scored.collectAsync();
    JobClient job = environment.executeAsync("held");
    eventually().untilAsserted(() -> assertThat(inFlight(job.getJobID())).isEqualTo(64));

    loader.model(0).letGo();

    int results = 0;
    while (iterator.hasNext()) {
      iterator.next();
      results++;
    }
    iterator.close();
    assertThat(results).isEqualTo(COUNT);
    assertThat(inFlight(job.getJobID())).isEqualTo(0);
  }

  @Test
  void operatorsAndSlotsOfATaskManagerShareAModel() throws Exception {
    loader.holding();
    StreamExecutionEnvironment environment = Pipelines.environment(2);
    DataStream<Question> once =
        CrossEncoderFunction.score(
                Pipelines.source(environment, COUNT),
                "first",
                Question::pairs,
                TestOptions.of("demo-qa"),
                () -> registry)
            .map(Scored::element)
            .returns(Question.TYPE)
            .uid("element");
    CloseableIterator<Scored<Question>> iterator =
        CrossEncoderFunction.score(
                once, "second", Question::pairs, TestOptions.of("demo-qa"), () -> registry)
            .collectAsync();
    JobClient job = environment.executeAsync("shared");
    // A subtask that had ended before another one began would have freed the model.
    eventually()
        .untilAsserted(
            () ->
                assertThat(METRICS.findMetrics(job.getJobID(), "crossEncoder\\.recordsInFlight$"))
                    .hasSize(4));

    loader.model(0).letGo();

    List<Scored<Question>> results = new ArrayList<>();
    iterator.forEachRemaining(results::add);
    iterator.close();
    assertThat(results).hasSize(COUNT);
    assertThat(loader.loads()).hasSize(1);
    eventually().untilAsserted(() -> assertThat(loader.model(0).isClosed()).isTrue());
  }

  @Test
  void aJobIsCancelledAtOnceWhileItsModelOrAnotherOneIsLoaded() throws Exception {
    JobClient running = start("running", TestOptions.of("demo-nli"));
    eventually().until(() -> loader.models().size() == 1);
    loader.holdLoads();
    JobClient loading = start("loading", TestOptions.of("demo-qa"));
    eventually().until(() -> loader.loads().size() == 2);

    running.cancel().get(20, TimeUnit.SECONDS);
    eventually().until(() -> running.getJobStatus().get(), JobStatus.CANCELED::equals);
    loading.cancel().get(20, TimeUnit.SECONDS);
    eventually().until(() -> loading.getJobStatus().get(), JobStatus.CANCELED::equals);

    assertThat(loader.models()).hasSize(1).allMatch(FakeScoringModel::isClosed);
    loader.letLoadsGo();
    eventually().untilAsserted(() -> assertThat(Pipelines.scoringThreads()).isEmpty());
    assertThat(loader.models()).hasSize(2).allMatch(FakeScoringModel::isClosed);
  }

  @Test
  void resultsNameTheBundleThatScoredThemWhateverItsNameLeadsToLater() throws Exception {
    AtomicInteger resolved = new AtomicInteger();
    List<String> models = List.of("demo-nli", "demo-qa");
    registry =
        new ModelRegistry(
            (model, precision) ->
                ModelRepository.shared()
                    .resolve(models.get(Math.min(1, resolved.getAndIncrement()))),
            loader);
    DataStream<Question> questions = Pipelines.source(Pipelines.environment(1), 20);

    List<Scored<Question>> results =
        Pipelines.collect(
            CrossEncoderFunction.score(
                questions,
                "moving",
                question -> {
                  if (question.id() == 3) {
                    throw new InvalidRecordException("unlucky", "It is the third.");
                  }
                  return question.pairs();
                },
                TestOptions.of("owner/moving-name"),
                () -> registry));

    assertThat(resolved).hasValue(1);
    assertThat(results)
        .hasSize(20)
        .allMatch(scored -> scored.model().equals("demo-nli"))
        .extracting(Scored::revision)
        .containsOnly(ModelRepository.shared().resolve("demo-nli").digest());
    assertThat(loader.loads()).singleElement().asString().startsWith("demo-nli on cpu");
  }

  @Test
  void aModelThatCannotBeHadForAWhileCostsNoRestart() throws Exception {
    AtomicInteger tried = new AtomicInteger();
    registry =
        new ModelRegistry(
            (model, precision) -> {
              if (tried.incrementAndGet() < 3) {
                throw new ModelUnavailableException("Cannot reach the hub.");
              }
              return ModelRepository.shared().resolve("demo-qa");
            },
            loader);
    DataStream<Question> questions = Pipelines.source(Pipelines.environment(1), COUNT);

    List<Scored<Question>> results =
        Pipelines.collect(
            CrossEncoderFunction.score(
                questions, "hub", Question::pairs, TestOptions.of("owner/name"), () -> registry));

    assertThat(results).hasSize(COUNT);
    assertThat(tried).hasValue(3);
  }

  @Test
  void aModelThatCannotBeReadWhenItIsLoadedIsTriedAgain() throws Exception {
    loader.failOnce(new ModelUnavailableException("Cannot read model.pt: the file system is away"));
    DataStream<Question> questions = Pipelines.source(Pipelines.environment(1), COUNT);

    List<Scored<Question>> results =
        Pipelines.collect(
            CrossEncoderFunction.score(
                questions, "disk", Question::pairs, TestOptions.of("demo-qa"), () -> registry));

    assertThat(results).hasSize(COUNT);
    assertThat(loader.loads()).hasSize(2);
  }

  @Test
  void anErrorOfTheEngineFailsTheJobOfRecordsThatCannotBeNamed() throws Exception {
    loader.forwardWith(
        batch -> {
          throw new UnsatisfiedLinkError("no such symbol");
        });
    StreamExecutionEnvironment environment = Pipelines.environment(1);
    DataStream<Nameless> records =
        Pipelines.source(environment, Pipelines.MORE_THAN_ARE_READ)
            .map(question -> new Nameless(question.id()))
            .returns(Types.POJO(Nameless.class, Map.of("id", Types.INT)))
            .uid("names-removed");
    CrossEncoderFunction.score(
            records,
            "nameless",
            record -> List.of(new TextPair("a", "b")),
            TestOptions.of("demo-qa"),
            () -> registry)
        .sinkTo(new DiscardingSink<>())
        .uid("nowhere");
    JobClient job = environment.executeAsync("nameless");

    assertThatThrownBy(() -> job.getJobExecutionResult().get(30, TimeUnit.SECONDS))
        .hasRootCauseInstanceOf(UnsatisfiedLinkError.class)
        .hasRootCauseMessage("no such symbol");
  }

  /** A record that throws when it is asked for its name. */
  public record Nameless(int id) {
    @Override
    public String toString() {
      throw new IllegalStateException("It has no name.");
    }
  }

  /** Starts a job that never ends. */
  private static JobClient start(String name, Configuration options) throws Exception {
    StreamExecutionEnvironment environment = Pipelines.environment(1);
    DataStream<Question> questions =
        environment
            .fromSource(
                new DataGeneratorSource<>(
                    index -> Question.of(index.intValue()),
                    Long.MAX_VALUE,
                    RateLimiterStrategy.perSecond(10),
                    Question.TYPE),
                WatermarkStrategy.noWatermarks(),
                "questions")
            .uid("questions");
    CrossEncoderFunction.score(questions, name, Question::pairs, options, () -> registry)
        .sinkTo(new DiscardingSink<>())
        .uid("nowhere");
    return environment.executeAsync(name);
  }

  private static List<Integer> ids() {
    return IntStream.range(0, COUNT).boxed().toList();
  }

  private static Object inFlight(JobID job) {
    return metric(job, Gauge.class, "recordsInFlight").getValue();
  }

  private static <M extends Metric> M metric(JobID job, Class<M> type, String name) {
    Map<String, Metric> found = METRICS.findMetrics(job, "crossEncoder\\." + name + "$");
    assertThat(found).as(name).hasSize(1);
    return type.cast(found.values().iterator().next());
  }
}
