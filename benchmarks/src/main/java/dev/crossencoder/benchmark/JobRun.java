package dev.crossencoder.benchmark;

import dev.crossencoder.job.CrossEncoderJob;
import dev.crossencoder.job.JobConfig;
import dev.crossencoder.kafka.EmbeddedKafka;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * One run of the job from an input topic that is already full to its end, in a MiniCluster with one
 * slot that is started for it.
 *
 * <p><b>The clock.</b> The output topic's timestamps are the broker's, taken when it writes a
 * record: a forward pass leaves a burst of some 32 results within milliseconds, whatever the
 * transaction's commit waits for. The clock starts when the burst that ends the warm-up is over,
 * and stops with the last result. So it begins and ends between two forward passes, and sees every
 * pass of the pairs in between, with reading, parsing, queueing, tokenising, splicing, writing,
 * checkpoints and transactions going on beside it; it sees neither the start of the cluster nor the
 * loading of the model. The commit of the last transaction, which follows the last result, is not
 * in it. Up to a queue's length of pairs, 128, have been tokenised when the clock starts, and none
 * wait for it when it stops: less than a hundredth of the time.
 *
 * @param firstPair the first pair that the clock saw; the last is the topic's last
 * @param seconds what the clock says
 * @param results every result, in the pairs' order
 */
record JobRun(int firstPair, double seconds, List<Topics.Result> results) {
  /** Within a burst results are a few milliseconds apart; forward passes take hundreds. */
  private static final long BURST_GAP_MILLIS = 50;

  private static final String CHECKPOINT_INTERVAL = "1s";

  /**
   * Runs the job and waits for its end.
   *
   * @param warmUp how many pairs come before those that may be measured
   * @param total how many pairs the input topic has
   */
  static JobRun of(EmbeddedKafka kafka, String name, String input, int warmUp, int total)
      throws Exception {
    String output = name + "-scored";
    String deadLetters = name + "-dead-letters";
    kafka.createTopic(output, 1, Map.of("message.timestamp.type", "LogAppendTime"));
    kafka.createTopic(deadLetters, 1);
    Configuration options =
        Configuration.fromMap(
            Map.of(
                "bootstrap-servers",
                kafka.bootstrapServers(),
                "input.topic",
                input,
                "output.topic",
                output,
                "dead-letter.topic",
                deadLetters,
                "output.logits",
                "true",
                "from",
                "earliest",
                "until",
                "latest",
                "job.name",
                name,
                "checkpoint.interval",
                CHECKPOINT_INTERVAL));
    options.setString("cross-encoder.model", ScoringBenchmark.MODEL);
    options.setString("cross-encoder.cpu.threads", String.valueOf(ScoringBenchmark.THREADS));
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(1);
    CrossEncoderJob.build(environment, JobConfig.from(options));
    environment.execute(name);

    Topics topics = new Topics(kafka.bootstrapServers());
    List<Topics.Result> results = topics.results(output);
    checkComplete(results, total, topics.count(deadLetters));
    return measured(results, warmUp);
  }

  /** One slot and one partition keep the order, so completeness is a comparison. */
  private static void checkComplete(List<Topics.Result> results, int total, int deadLetters) {
    boolean inOrder = results.size() == total;
    for (int i = 0; inOrder && i < total; i++) {
      inOrder = results.get(i).id() == i;
    }
    if (!inOrder || deadLetters != 0) {
      throw new IllegalStateException(
          "Cannot measure, of %d pairs %d came back scored and %d as dead letters, or not in order."
              .formatted(total, results.size(), deadLetters));
    }
  }

  private static JobRun measured(List<Topics.Result> results, int warmUp) {
    int first = warmUp;
    while (first < results.size()
        && results.get(first).appendedMillis() - results.get(first - 1).appendedMillis()
            < BURST_GAP_MILLIS) {
      first++;
    }
    if (results.size() - first < warmUp) {
      throw new IllegalStateException(
          "Cannot measure, only %d results came after the warm-up."
              .formatted(results.size() - first));
    }
    long start = results.get(first - 1).appendedMillis();
    long end = results.get(results.size() - 1).appendedMillis();
    return new JobRun(first, (end - start) / 1e3, results);
  }
}
