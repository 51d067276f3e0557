package dev.crossencoder.benchmark;

import dev.crossencoder.job.KafkaRecord;
import dev.crossencoder.job.options.JobConfig;
import dev.crossencoder.job.pipeline.GivenScores;
import dev.crossencoder.operator.InvalidRecordException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.async.AsyncFunction;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Records per second that the task thread of the Kafka job can handle beside Kafka, tokenizing and
 * scoring: finding the texts, making the result of given scores, finding its place, splicing. Once
 * as a loop on one thread, and once in Flink, with an asynchronous function that completes at once.
 * A job with a function that does nothing shows Flink's part.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
public class TaskThreadBenchmark {
  private static final int RECORDS_OF_A_JOB = 200_000;
  private static final int CAPACITY = 128;
  private static final String RECORDS = "records";

  /** What records contain. */
  public enum Content {
    /** A query and a passage: 1 KB. */
    PAIR(1, 1024),
    /** A query and 20 short documents: 1 KB. */
    SHORT_LIST(20, 1024),
    /** A query and 20 documents of a passage's length: 8 KB. */
    LIST(20, 8192);

    private static final String QUERY = "what is a lighthouse for?";
    private static final String WORDS = "the tower with its lamp warns ships of rocks ";

    private final int documents;
    private final int bytes;

    Content(int documents, int bytes) {
      this.documents = documents;
      this.bytes = bytes;
    }

    /** Makes a value of exactly this size. */
    private byte[] value() {
      int around = json(0).length();
      String json = json((bytes - around) / documents);
      return json.replace("\"4711", "\"4711" + "0".repeat(bytes - json.length()))
          .getBytes(StandardCharsets.UTF_8);
    }

    private String json(int length) {
      String text = WORDS.repeat(length / WORDS.length() + 1).substring(0, length);
      return this == PAIR
          ? "{\"id\": \"4711\", \"query\": \"%s\", \"passage\": \"%s\", \"source\": {\"page\": 12}}"
              .formatted(QUERY, text)
          : "{\"id\": \"4711\", \"query\": \"%s\", \"documents\": [%s], \"source\": {\"page\": 12}}"
              .formatted(
                  QUERY,
                  IntStream.range(0, documents)
                      .mapToObj(i -> "{\"id\": %d, \"text\": \"%s\"}".formatted(i, text))
                      .collect(Collectors.joining(", ")));
    }
  }

  /** A record, and its path. */
  @State(Scope.Benchmark)
  public static class Path {
    @Param public Content content;

    private KafkaRecord record;
    private GivenScores<?> path;

    @Setup
    public void prepare() {
      byte[] key = "4711".getBytes(StandardCharsets.UTF_8);
      record =
          new KafkaRecord(
              RECORDS, 0, 4711, System.currentTimeMillis(), key, content.value(), List.of());
      Map<String, String> options =
          new HashMap<>(
              Map.of(
                  "bootstrap-servers",
                  "localhost:1",
                  "input.topic",
                  RECORDS,
                  "output.topic",
                  "scored",
                  "dead-letter.topic",
                  "dead-letters",
                  "cross-encoder.model",
                  "none"));
      if (content.documents > 1) {
        options.put("input.documents", "/documents");
      }
      path = GivenScores.of(JobConfig.from(Configuration.fromMap(options)));
    }
  }

  /** A cluster with one slot in this JVM. */
  @State(Scope.Benchmark)
  public static class Flink {
    @Param public Order order;

    private MiniCluster cluster;

    @Setup(Level.Trial)
    public void start() throws Exception {
      Configuration options = new Configuration();
      options.set(RestOptions.BIND_PORT, "0");
      cluster =
          new MiniCluster(
              new MiniClusterConfiguration.Builder()
                  .setNumTaskManagers(1)
                  .setNumSlotsPerTaskManager(1)
                  .setConfiguration(options)
                  .build());
      cluster.start();
    }

    @TearDown(Level.Trial)
    public void close() throws Exception {
      cluster.close();
    }

    /** Runs a job whose operators are chained: all run on one thread. */
    private void run(KafkaRecord record, Operators operators) throws Exception {
      StreamExecutionEnvironment environment =
          StreamExecutionEnvironment.getExecutionEnvironment().setParallelism(1);
      // As the job does.
      environment.getConfig().enableObjectReuse();
      SingleOutputStreamOperator<KafkaRecord> records =
          environment
              .fromSequence(0, RECORDS_OF_A_JOB - 1)
              .map(new Repeat(record))
              .returns(TypeInformation.of(KafkaRecord.class));
      operators.add(records).sinkTo(new DiscardingSink<>());
      cluster.executeJobBlocking(environment.getStreamGraph().getJobGraph());
    }
  }

  /** The order of results. */
  public enum Order implements GivenScores.AsyncWait {
    ORDERED,
    UNORDERED;

    @Override
    public <R> SingleOutputStreamOperator<R> add(
        SingleOutputStreamOperator<KafkaRecord> records, AsyncFunction<KafkaRecord, R> function) {
      return this == ORDERED
          ? AsyncDataStream.orderedWait(records, function, 1, TimeUnit.MINUTES, CAPACITY)
          : AsyncDataStream.unorderedWait(records, function, 1, TimeUnit.MINUTES, CAPACITY);
    }
  }

  @FunctionalInterface
  private interface Operators {
    SingleOutputStreamOperator<KafkaRecord> add(SingleOutputStreamOperator<KafkaRecord> records);
  }

  /** Emits the same record for each number. */
  private static final class Repeat implements MapFunction<Long, KafkaRecord> {
    private static final long serialVersionUID = 1L;

    private final byte[] key;
    private final byte[] value;
    private final long timestamp;
    private transient KafkaRecord record;

    private Repeat(KafkaRecord record) {
      this.key = record.key();
      this.value = record.value();
      this.timestamp = record.timestamp();
    }

    @Override
    public KafkaRecord map(Long number) {
      if (record == null) {
        record = new KafkaRecord(RECORDS, 0, 4711, timestamp, key, value, List.of());
      }
      return record;
    }
  }

  private static final class Nothing implements AsyncFunction<KafkaRecord, KafkaRecord> {
    private static final long serialVersionUID = 1L;

    @Override
    public void asyncInvoke(KafkaRecord element, ResultFuture<KafkaRecord> resultFuture) {
      resultFuture.complete(List.of(element));
    }
  }

  /** Runs JMH with this benchmark only. */
  public static void main(String[] args) throws RunnerException {
    new Runner(
            new OptionsBuilder()
                .include(TaskThreadBenchmark.class.getName())
                .shouldFailOnError(true)
                .build())
        .run();
  }

  /** All steps in a loop. */
  @Benchmark
  public KafkaRecord loop(Path path) throws InvalidRecordException {
    return path.path.apply(path.record);
  }

  /** All steps in the job's operators. */
  @Benchmark
  @OperationsPerInvocation(RECORDS_OF_A_JOB)
  public void job(Path path, Flink flink) throws Exception {
    flink.run(path.record, records -> path.path.add(records, flink.order));
  }

  /** Flink's asynchronous operator, with a function that does nothing. */
  @Benchmark
  @OperationsPerInvocation(RECORDS_OF_A_JOB)
  public void flinkAlone(Path path, Flink flink) throws Exception {
    flink.run(
        path.record,
        records ->
            flink.order.add(records, new Nothing()).returns(TypeInformation.of(KafkaRecord.class)));
  }
}
