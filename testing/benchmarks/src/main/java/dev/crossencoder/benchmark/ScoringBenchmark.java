package dev.crossencoder.benchmark;

import dev.crossencoder.benchmark.engine.PaddedCrossEncoder;
import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.openjdk.jmh.annotations.AuxCounters;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Scores the pairs of TREC DL 2019 in batches of 32, with demo-qa on all cores: packed and padded.
 *
 * <p>The measured time includes creating the tensors of the batch, the forward pass and reading the
 * logits. It does not include tokenizing. One operation scores batches that are evenly distributed
 * over the whole set; {@link PackedVersusPadded} converts the result to pairs per second. The
 * batches of the two orders have different pairs; therefore JMH also counts their tokens.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 1, time = 1)
@Measurement(iterations = 1, time = 1)
public class ScoringBenchmark {
  static final String MODEL = "demo-qa";
  static final int BATCH_PAIRS = 32;
  static final String BATCHES_PARAMETER = "batches";
  static final int THREADS = Runtime.getRuntime().availableProcessors();

  private static final double TOLERANCE = 1e-4;

  /** The number of batches of one operation. */
  @Param("8")
  public int batches;

  /** The number of tokens without padding, an additional counter of JMH. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Work {
    public long tokens;
  }

  private CrossEncoder packed;
  private PaddedCrossEncoder padded;
  private List<List<EncodedPair>> arrival;
  private List<List<EncodedPair>> sorted;

  /**
   * Loads both programs and tokenizes the pairs.
   *
   * @throws IllegalStateException if there is no data, or if the programs disagree
   */
  @Setup
  public void open() throws IOException {
    packed =
        CrossEncoder.open(
            ModelRepository.shared().resolve(MODEL),
            CrossEncoderOptions.DEFAULT.withThreads(THREADS));
    padded = PaddedCrossEncoder.open(MODEL, THREADS);
    List<EncodedPair> pairs = new ArrayList<>();
    for (TextPair pair : Dl19Pairs.read()) {
      pairs.add(packed.encode(pair));
    }
    arrival = sample(pairs);
    pairs.sort(Comparator.comparingInt(EncodedPair::length));
    sorted = sample(pairs);
    System.out.printf("%nArrival order: %s%nSorted: %s%n", shape(arrival), shape(sorted));
    checkEqual(sorted.get(0));
    checkEqual(sorted.get(batches - 1));
    checkEqual(arrival.get(0));
  }

  /** Returns the batches of consecutive pairs for an operation, without a partial last one. */
  private List<List<EncodedPair>> sample(List<EncodedPair> pairs) {
    List<List<EncodedPair>> all = new ArrayList<>();
    for (int end = BATCH_PAIRS; end <= pairs.size(); end += BATCH_PAIRS) {
      all.add(List.copyOf(pairs.subList(end - BATCH_PAIRS, end)));
    }
    return Dl19Pairs.evenlySpaced(all, batches);
  }

  private static String shape(List<List<EncodedPair>> sample) {
    int tokens = 0;
    int cells = 0;
    for (List<EncodedPair> batch : sample) {
      tokens += tokens(batch);
      cells += batch.size() * batch.stream().mapToInt(EncodedPair::length).max().orElseThrow();
    }
    double pairs = (double) sample.size() * BATCH_PAIRS;
    return "%.1f tokens a pair, %.1f with padding".formatted(tokens / pairs, cells / pairs);
  }

  /** Checks that both programs compute the same logits; otherwise the comparison is void. */
  private void checkEqual(List<EncodedPair> batch) {
    List<Score> expected = packed.scoreBatch(batch);
    float[][] found = padded.logits(batch);
    for (int i = 0; i < batch.size(); i++) {
      float logit = expected.get(i).logits().get(0);
      if (!(Math.abs(found[i][0] - logit) <= TOLERANCE * Math.max(1, Math.abs(logit)))) {
        throw new IllegalStateException(
            "Cannot compare the programs, they disagree: packed %s, padded %s for a pair of %d tokens."
                .formatted(logit, found[i][0], batch.get(i).length()));
      }
    }
  }

  /** The packed program, with pairs in arrival order. */
  @Benchmark
  public double packedArrival(Work work) {
    return sum(arrival, work, batch -> packed.scoreBatch(batch).get(0).score());
  }

  /** The padded program, with pairs in arrival order as in a stream. */
  @Benchmark
  public double paddedArrival(Work work) {
    return sum(arrival, work, batch -> padded.logits(batch)[0][0]);
  }

  /** The padded program at its best: the whole set is known and sorted by length. */
  @Benchmark
  public double paddedSorted(Work work) {
    return sum(sorted, work, batch -> padded.logits(batch)[0][0]);
  }

  private static double sum(
      List<List<EncodedPair>> sample, Work work, ToDoubleFunction<List<EncodedPair>> score) {
    double sum = 0;
    for (List<EncodedPair> batch : sample) {
      sum += score.applyAsDouble(batch);
      work.tokens += tokens(batch);
    }
    return sum;
  }

  private static int tokens(List<EncodedPair> batch) {
    return batch.stream().mapToInt(EncodedPair::length).sum();
  }

  /** Frees both models. */
  @TearDown
  public void close() {
    padded.close();
    packed.close();
  }
}
