package dev.crossencoder.benchmark;

import dev.crossencoder.bundle.CrossEncoder;
import dev.crossencoder.bundle.CrossEncoderOptions;
import dev.crossencoder.bundle.ModelRepository;
import dev.crossencoder.bundle.Score;
import dev.crossencoder.bundle.TextPair;
import dev.crossencoder.kafka.EmbeddedKafka;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.apache.flink.util.FileUtils;

/**
 * What Kafka and Flink cost: the job through a real broker in a MiniCluster, against {@link
 * CrossEncoder#score(List)} alone on the same pairs of TREC DL 2019, with the same model, threads
 * and batch limits, in the same process.
 *
 * <p>Both sides tokenise within the clock. They take turns; in each round the model alone scores
 * exactly the pairs that the job's clock saw ({@link JobRun} says how it is read), and every logit
 * of the two is compared. The ratio is taken within a round and the median counts.
 *
 * <p>System properties: {@code crossencoder.data}, {@code benchmark.pairs}, {@code
 * benchmark.rounds}. Exits with 1 if the bar does not hold.
 */
public final class JobVersusModel {
  private static final Bar BAR = new Bar("job ÷ model alone", 0.85, Double.POSITIVE_INFINITY);
  private static final int WARM_UP = 160;
  private static final double TOLERANCE = 1e-5;

  private JobVersusModel() {}

  /** Runs the rounds and prints the ratio. */
  public static void main(String[] args) throws Exception {
    List<TextPair> all = Dl19Pairs.read();
    List<TextPair> pairs = new ArrayList<>(all.subList(0, WARM_UP));
    pairs.addAll(Dl19Pairs.evenlySpaced(all, Integer.getInteger("benchmark.pairs", 600)));
    int rounds = Integer.getInteger("benchmark.rounds", 5);

    Path folder = Files.createTempDirectory("job-versus-model-");
    boolean holds;
    try (EmbeddedKafka kafka = EmbeddedKafka.start(folder);
        CrossEncoder model =
            CrossEncoder.open(
                ModelRepository.shared().resolve(ScoringBenchmark.MODEL),
                CrossEncoderOptions.DEFAULT.withThreads(ScoringBenchmark.THREADS))) {
      kafka.createTopic("pairs", 1);
      new Topics(kafka.bootstrapServers()).produce("pairs", pairs);
      holds = run(kafka, model, pairs, rounds);
    } finally {
      FileUtils.deleteDirectoryQuietly(folder.toFile());
    }
    System.exit(holds ? 0 : 1);
  }

  private static boolean run(
      EmbeddedKafka kafka, CrossEncoder model, List<TextPair> pairs, int rounds) throws Exception {
    onOwnThread(() -> model.score(pairs.subList(0, WARM_UP)));
    double[] jobRates = new double[rounds];
    double[] modelRates = new double[rounds];
    double[] ratios = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      JobRun job = JobRun.of(kafka, "round-" + i, "pairs", WARM_UP, pairs.size());
      List<TextPair> clocked = pairs.subList(job.firstPair(), pairs.size());
      long start = System.nanoTime();
      List<Score> scores = onOwnThread(() -> model.score(clocked));
      double seconds = (System.nanoTime() - start) / 1e9;
      checkEqual(scores, job.results().subList(job.firstPair(), pairs.size()));

      jobRates[i] = clocked.size() / job.seconds();
      modelRates[i] = clocked.size() / seconds;
      ratios[i] = jobRates[i] / modelRates[i];
      System.out.printf(
          "Round %d, %d pairs: job %.1f pairs/s, model alone %.1f pairs/s, ratio %.3f%n",
          i + 1, clocked.size(), jobRates[i], modelRates[i], ratios[i]);
    }
    System.out.printf(
        "%d threads, medians of %d: job %.1f pairs/s, model alone %.1f pairs/s%n",
        ScoringBenchmark.THREADS, rounds, Bar.median(jobRates), Bar.median(modelRates));
    return BAR.report(ratios);
  }

  /**
   * A thread that calls libtorch keeps OpenMP workers for as long as it lives, and OpenMP stops
   * spinning for work once all workers of a process outnumber its cores. So the side that waits
   * must not have any.
   */
  private static <T> T onOwnThread(Callable<T> work) throws Exception {
    FutureTask<T> task = new FutureTask<>(work);
    Thread thread = new Thread(task, "model-alone");
    thread.start();
    T result = task.get();
    thread.join();
    return result;
  }

  private static void checkEqual(List<Score> expected, List<Topics.Result> found) {
    for (int i = 0; i < found.size(); i++) {
      float logit = expected.get(i).logits().get(0);
      float jobLogit = found.get(i).logit();
      if (!(Math.abs(jobLogit - logit) <= TOLERANCE * Math.max(1, Math.abs(logit)))) {
        throw new IllegalStateException(
            "Cannot compare the rates, the scores differ: logit %s from the job, %s from the model, for pair %d."
                .formatted(jobLogit, logit, found.get(i).id()));
      }
    }
  }
}
