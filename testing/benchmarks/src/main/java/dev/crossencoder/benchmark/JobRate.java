package dev.crossencoder.benchmark;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/** Measures the pairs per second of a job in this JVM, with one slot. One measurement at a time. */
final class JobRate {
  private static final int WARM_UP_PAIRS = 256;

  /** The results of the current run. Static, because the job runs in this JVM. */
  private static final Queue<Result> RESULTS = new ConcurrentLinkedQueue<>();

  private JobRate() {}

  /** A result that has reached the end of the job. */
  private record Result(long nanos, int pairs) {}

  /** One way to score. */
  @FunctionalInterface
  interface Way {
    /** Adds the job to an environment. Returns the number of pairs of each result. */
    DataStream<Integer> score(StreamExecutionEnvironment environment);
  }

  /**
   * Runs a job to its end. The clock starts with the result of the last warm-up pair, so that
   * loading the model is not measured.
   *
   * @return pairs per second after the warm-up
   */
  static double of(Way way) throws Exception {
    RESULTS.clear();
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(1);
    way.score(environment).map(new Recorder()).returns(Types.INT).sinkTo(new DiscardingSink<>());
    environment.execute();
    long start = 0;
    long end = 0;
    int pairs = 0;
    int measured = 0;
    for (Result result : RESULTS) {
      if (pairs < WARM_UP_PAIRS) {
        start = result.nanos();
      } else {
        measured += result.pairs();
      }
      pairs += result.pairs();
      end = result.nanos();
    }
    if (measured == 0) {
      throw new IllegalStateException(
          "Cannot measure, there are %d pairs. Set benchmark.pairs to more than %d."
              .formatted(pairs, WARM_UP_PAIRS));
    }
    return measured / ((end - start) / 1e9);
  }

  /** Notes when a result arrives. */
  private static final class Recorder implements MapFunction<Integer, Integer> {
    private static final long serialVersionUID = 1L;

    @Override
    public Integer map(Integer pairs) {
      RESULTS.add(new Result(System.nanoTime(), pairs));
      return pairs;
    }
  }
}
