package dev.crossencoder.benchmark.worker;

import dev.crossencoder.job.CrossEncoderJob;
import dev.crossencoder.job.options.JobConfig;
import dev.crossencoder.kafka.EmbeddedKafka;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * One run of the job from an input topic that is already full to its end, in a MiniCluster with one
 * slot that is started for it: exactly-once, with a checkpoint every second.
 *
 * <p><b>The clock.</b> The output topic's timestamps are the broker's, taken when it writes a
 * record: a forward pass leaves a burst of some 32 results within milliseconds, whatever the
 * transaction's commit waits for. The clock starts when a burst after the warm-up is over, and
 * stops with the last result. So it begins and ends between two forward passes, and sees every pass
 * of the pairs in between, with reading, parsing, queueing, tokenizing, splicing, writing,
 * checkpoints and transactions going on beside it; it sees neither the start of the cluster nor the
 * loading of the model. The commit of the last transaction, which follows the last result, is not
 * in it. Up to a queue's length of pairs, 128, have been tokenized when the clock starts, and none
 * wait for it when it stops: less than a hundredth of the time.
 */
final class JobRun {
  private static final String CHECKPOINT_INTERVAL = "1s";

  private final EmbeddedKafka kafka;
  private final String input;
  private final String model;
  private final int threads;

  /**
   * The measured part of a run.
   *
   * @param firstPair the first measured pair; the last one is the last pair of the topic
   * @param seconds the measured time
   * @param results all results, in the order of the pairs
   */
  record Measured(int firstPair, double seconds, List<Topics.Result> results) {}

  JobRun(EmbeddedKafka kafka, String input, String model, int threads) {
    this.kafka = kafka;
    this.input = input;
    this.model = model;
    this.threads = threads;
  }

  /**
   * Runs the job and waits for its end.
   *
   * @param warmUp the number of pairs before the measured ones
   * @param total the number of pairs in the input topic
   */
  Measured measure(int warmUp, int total) throws Exception {
    String output = input + "-scored";
    String deadLetters = input + "-dead-letters";
    kafka.createTopic(output, 1, Map.of("message.timestamp.type", "LogAppendTime"));
    kafka.createTopic(deadLetters, 1);
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(1);
    CrossEncoderJob.build(environment, JobConfig.from(options(output, deadLetters)));
    environment.execute(input);

    Topics topics = new Topics(kafka.bootstrapServers());
    List<Topics.Result> results = topics.results(output);
    checkComplete(results, total, topics.count(deadLetters));
    long[] times = results.stream().mapToLong(Topics.Result::appendedMillis).toArray();
    int first = Bursts.firstAfter(times, warmUp);
    return new Measured(first, (times[times.length - 1] - times[first - 1]) / 1e3, results);
  }

  private Configuration options(String output, String deadLetters) {
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
                input,
                "checkpoint.interval",
                CHECKPOINT_INTERVAL));
    options.setString("cross-encoder.model", model);
    options.setString("cross-encoder.cpu.threads", String.valueOf(threads));
    return options;
  }

  /** Checks that all results are there, in order: one slot and one partition preserve the order. */
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
}
