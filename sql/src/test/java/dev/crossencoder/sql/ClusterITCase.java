package dev.crossencoder.sql;

import static dev.crossencoder.sql.Tables.assertScore;
import static dev.crossencoder.sql.Tables.model;
import static dev.crossencoder.sql.Tables.rows;
import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.model.TextPair;
import dev.crossencoder.operator.CrossEncoderFunction;
import dev.crossencoder.operator.CrossEncoderFunctionOptions;
import dev.crossencoder.operator.PairScorer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.Metric;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.table.api.TableResult;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.test.junit5.InjectMiniCluster;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.testutils.logging.LoggerAuditingExtension;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.event.Level;

/** What jobs of SQL share with other jobs of a TaskManager, and what a restart leaves of them. */
class ClusterITCase {
  private static final TypeInformation<Row> PAIR =
      Types.ROW_NAMED(
          new String[] {"id", "query", "passage"}, Types.INT, Types.STRING, Types.STRING);

  private static final String PREDICT =
      "SELECT id, score FROM ML_PREDICT(TABLE pairs, MODEL qa, DESCRIPTOR(query, passage), MAP['max-concurrent-operations', '128'])";

  private static final InMemoryReporter METRICS = InMemoryReporter.createWithRetainedMetrics();

  @RegisterExtension
  static final MiniClusterExtension FLINK =
      new MiniClusterExtension(Tables.cluster(METRICS.addToConfiguration(new Configuration())));

  @RegisterExtension
  private final LoggerAuditingExtension log =
      new LoggerAuditingExtension(PairScorer.class, Level.INFO);

  private static ConditionFactory eventually() {
    return Awaitility.await().atMost(Duration.ofSeconds(60));
  }

  /** The threads of loaded models in this JVM, which is the TaskManager. */
  private static List<String> scoringThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("cross-encoder-tokenizer"))
        .toList();
  }

  @AfterEach
  void noModelIsLeft() {
    eventually().untilAsserted(() -> assertThat(scoringThreads()).isEmpty());
  }

  private static Row pair(long index) {
    return Row.of(
        (int) index, "question " + index, "passage " + "word ".repeat((int) (index % 50)) + index);
  }

  private static DataStream<Row> pairs(
      StreamExecutionEnvironment environment, long count, RateLimiterStrategy<?> rate) {
    return environment
        .fromSource(
            new DataGeneratorSource<>(ClusterITCase::pair, count, rate, PAIR),
            WatermarkStrategy.noWatermarks(),
            "pairs")
        .uid("pairs");
  }

  @Test
  @Tag("full")
  void aTaskManagerThatIsLostCostsNoRow(@InjectMiniCluster MiniCluster cluster) throws Exception {
    int count = 600;
    Configuration configuration = new Configuration();
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 100);
    configuration.set(
        RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(50));
    configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(50));
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.getExecutionEnvironment(configuration).setParallelism(2);
    StreamTableEnvironment tables = StreamTableEnvironment.create(environment);
    tables.createTemporaryView(
        "pairs",
        tables.fromDataStream(
            pairs(environment, count, RateLimiterStrategy.perCheckpoint(count / 6))));
    model(tables, "qa", "query STRING, passage STRING", "score FLOAT", "model", "demo-qa");

    List<Row> results = new ArrayList<>();
    CloseableIterator<Row> rows = tables.executeSql(PREDICT).collect();
    while (results.size() < count / 3) {
      results.add(rows.next());
    }
    cluster.terminateTaskManager(0).get();
    cluster.startTaskManager();
    rows.forEachRemaining(results::add);
    rows.close();

    assertThat(log.getMessages()).hasSizeGreaterThan(2);
    assertThat(results)
        .extracting(row -> row.getField("id"))
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, count).boxed().toList());
    for (Row row : results.subList(0, 20)) {
      Row pair = pair((int) row.getField("id"));
      assertScore(row.getField("score"), "demo-qa", pair.getFieldAs(1), pair.getFieldAs(2));
    }
  }

  @Test
  void jobsOfSqlAndOfTheOperatorShareAModel() throws Exception {
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.getExecutionEnvironment().setParallelism(1);
    Configuration options = new Configuration();
    options.set(CrossEncoderFunctionOptions.MODEL, "demo-qa");
    CrossEncoderFunction.score(
            pairs(environment, Long.MAX_VALUE, RateLimiterStrategy.perSecond(20)),
            "relevance",
            row -> List.of(new TextPair(row.getFieldAs(1), row.getFieldAs(2))),
            options)
        .sinkTo(new DiscardingSink<>());
    JobClient operator = environment.executeAsync("operator");
    eventually().until(() -> scoringThreads().size() == 1);
    StreamExecutionEnvironment streams =
        StreamExecutionEnvironment.getExecutionEnvironment().setParallelism(1);
    StreamTableEnvironment shared = StreamTableEnvironment.create(streams);
    shared.createTemporaryView(
        "pairs",
        shared.fromDataStream(pairs(streams, Long.MAX_VALUE, RateLimiterStrategy.perSecond(20))));
    model(shared, "qa", "query STRING, passage STRING", "score FLOAT", "model", "demo-qa");

    CloseableIterator<Row> rows = shared.executeSql(PREDICT).collect();
    Row first = rows.next();

    assertThat(scoringThreads()).containsExactly("cross-encoder-tokenizer-0 demo-qa on cpu");
    assertThat(log.getMessages()).hasSize(2);
    Row pair = pair((int) first.getField("id"));
    assertScore(first.getField("score"), "demo-qa", pair.getFieldAs(1), pair.getFieldAs(2));
    operator.cancel().get();
    Row later = rows.next();
    assertThat(later.getField("score")).isNotNull();
    rows.close();
  }

  @Test
  void theMetricsAreTheOperators() throws Exception {
    StreamTableEnvironment tables = Tables.withPairs();
    model(tables, "qa", "query STRING, passage STRING", "score FLOAT", "model", "demo-qa");

    TableResult result = tables.executeSql(PREDICT);
    CloseableIterator<Row> rows = result.collect();
    rows.forEachRemaining(row -> {});
    rows.close();

    JobID job = result.getJobClient().orElseThrow().getJobID();
    assertThat(((Counter) metric(job, "pairsScored")).getCount()).isEqualTo(2);
    assertThat(((Gauge<?>) metric(job, "capacity")).getValue()).isEqualTo(128);
    assertThat(((Gauge<?>) metric(job, "recordsInFlight")).getValue()).isEqualTo(0);
    assertThat(((Histogram) metric(job, "forwardMicros")).getCount()).isPositive();
  }

  private static Metric metric(JobID job, String name) {
    Map<String, Metric> found = METRICS.findMetrics(job, "crossEncoder\\." + name + "$");
    assertThat(found).as(name).hasSize(1);
    return found.values().iterator().next();
  }

  @Test
  @Tag("full")
  void jobsInARowLeaveNoModelBehind() {
    StreamTableEnvironment tables = Tables.withPairs();
    model(tables, "qa", "query STRING, passage STRING", "score FLOAT", "model", "demo-qa");

    for (int i = 0; i < 5; i++) {
      assertThat(rows(tables, PREDICT)).hasSize(2);
      eventually().untilAsserted(() -> assertThat(scoringThreads()).isEmpty());
    }
  }

  @Test
  void coresAreSharedOutAmongTheSlots() {
    StreamTableEnvironment tables = Tables.withPairs();
    model(tables, "qa", "query STRING, passage STRING", "score FLOAT", "model", "demo-qa");

    List<Row> rows = rows(tables, PREDICT);

    int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    assertThat(rows).hasSize(2);
    assertThat(log.getMessages())
        .singleElement()
        .asString()
        .matches(
            "Scoring starts: task=\".*MLPredictTableFunction.* \\(1/1\\)#0\" model=demo-qa digest=sha256:[0-9a-f]{64} device=cpu threads=%d capacity=128 batch-max-pairs=32 batch-max-tokens=1024 deadline=PT2M42S errors=fail load-ms=\\d+"
                .formatted(threads));
  }
}
