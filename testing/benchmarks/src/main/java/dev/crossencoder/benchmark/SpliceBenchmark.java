package dev.crossencoder.benchmark;

import dev.crossencoder.job.record.InputFraming;
import dev.crossencoder.job.record.PairFields;
import dev.crossencoder.job.record.PairReader;
import dev.crossencoder.job.record.ResultPlace;
import dev.crossencoder.operator.InvalidRecordException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a record costs the task thread of the Kafka job beside its scoring: reading its pair,
 * finding the place for its result once it is scored, and making the bytes of the result.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SpliceBenchmark {
  private static final byte[] NAME = "\"cross_encoder\"".getBytes(StandardCharsets.UTF_8);
  private static final byte[] RESULT = new byte[200];

  /** How many characters the passage has. */
  @Param({"300", "3000"})
  public int passage;

  private final PairReader keeping =
      new PairReader(PairFields.DEFAULTS, "cross_encoder", false, InputFraming.NONE);
  private final PairReader overwriting =
      new PairReader(PairFields.DEFAULTS, "cross_encoder", true, InputFraming.NONE);
  private byte[] value;

  /** Makes a record with an id, a query and a passage. */
  @Setup
  public void makeRecord() {
    String words = "what the passage says ".repeat(passage / 22 + 1).substring(0, passage);
    value =
        "{\"id\": \"4711\", \"query\": \"what does it say?\", \"passage\": \"%s\", \"source\": {\"page\": 12}}"
            .formatted(words)
            .getBytes(StandardCharsets.UTF_8);
  }

  /** Reads the pair, as the selector does with each record. */
  @Benchmark
  public Object read() throws InvalidRecordException {
    return keeping.read(value);
  }

  /** Finds the place from the end of the bytes. */
  @Benchmark
  public Object place() throws InvalidRecordException {
    return keeping.place(value);
  }

  /** Finds the place where a member may be replaced, which takes another reading. */
  @Benchmark
  public Object placeWhereOverwritten() throws InvalidRecordException {
    return overwriting.place(value);
  }

  /** Finds the place and makes the result's bytes. */
  @Benchmark
  public byte[] splice() throws InvalidRecordException {
    ResultPlace place = keeping.place(value);
    return place.splice(value, NAME, RESULT);
  }
}
