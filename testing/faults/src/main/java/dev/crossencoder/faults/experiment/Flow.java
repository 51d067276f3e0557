package dev.crossencoder.faults.experiment;

import dev.crossencoder.faults.records.Feeder;
import dev.crossencoder.faults.records.Ledger;
import dev.crossencoder.faults.records.OutputReader;
import dev.crossencoder.faults.records.Topics;
import dev.crossencoder.faults.records.Traffic;
import dev.crossencoder.faults.records.Verdict;
import dev.crossencoder.faults.rig.Rig;
import dev.crossencoder.faults.rig.RigJob;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/** A job with its topics, its input records and the check of its outputs. Used by one thread. */
public final class Flow implements AutoCloseable {
  /** The longest wait for a new output: the rest of a backlog and a checkpoint. */
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final Rig rig;
  private final Topics topics;
  private final Traffic traffic;
  private final Ledger ledger;
  private final OutputReader reader;
  private final RigJob job;
  private Feeder feeder;

  private Flow(Rig rig, Topics topics, Traffic traffic, RigJob job) {
    this.rig = rig;
    this.topics = topics;
    this.traffic = traffic;
    this.job = job;
    this.ledger = new Ledger(traffic, topics);
    this.reader = new OutputReader(rig.broker().bootstrapServers(), topics, ledger);
  }

  /**
   * Creates the topics. Does not submit the job and sends no records.
   *
   * @param name the name of the job
   * @param arguments additional arguments of the job
   */
  public static Flow open(
      Rig rig, String name, String model, Traffic traffic, List<String> arguments)
      throws Exception {
    Topics topics = Topics.of(name);
    rig.create(topics);
    return new Flow(rig, topics, traffic, new RigJob(rig, name, topics, model, arguments));
  }

  public RigJob job() {
    return job;
  }

  public Topics topics() {
    return topics;
  }

  public Ledger ledger() {
    return ledger;
  }

  /**
   * Starts sending.
   *
   * @param atLeast the minimum number of records
   */
  public void feed(Feeder.Pace pace, int atLeast) {
    feeder =
        new Feeder(
            rig.broker().bootstrapServers(), topics.input(), traffic, atLeast, pace, ledger::seen);
  }

  /**
   * Returns the position of a record in the input topic, in the form of the job's option {@code
   * --skip}.
   */
  String position(int number) {
    int partition = traffic.partition(number);
    long offset = IntStream.range(0, number).filter(i -> traffic.partition(i) == partition).count();
    return partition + ":" + offset;
  }

  /** The number of records that were sent. */
  public int sent() {
    return feeder == null ? 0 : feeder.sent();
  }

  /**
   * Stops sending once the minimum is reached, and returns the number of records in the input
   * topic.
   */
  int finishFeeding() throws InterruptedException {
    int inputs = feeder.finish();
    long found =
        rig
            .ends(Topics.partitions(topics.input()), IsolationLevel.READ_UNCOMMITTED)
            .values()
            .stream()
            .mapToLong(Long::longValue)
            .sum();
    if (found != inputs) {
      throw new IllegalStateException(
          "%d records were sent, and topic %s has %d".formatted(inputs, topics.input(), found));
    }
    return inputs;
  }

  /** Waits until each partition has committed outputs of records that are sent after this call. */
  void awaitOutputsOfWhatIsSentNow() {
    int next = sent();
    job.await("outputs of records sent after number " + next, () -> ledger.hasReached(next));
  }

  /**
   * Waits until all records have an output or no more outputs arrive, stops the job, and returns
   * the verdict.
   *
   * @throws IllegalStateException if a Kafka transaction is still open
   */
  Verdict finish() throws Exception {
    int inputs = finishFeeding();
    awaitOutputsOf(inputs);
    if (!job.hasEnded()) {
      job.stopWithSavepoint();
    }
    List<TopicPartition> outputs = Topics.partitions(topics.output(), topics.deadLetters());
    rig.await(
        "no open transactions",
        () ->
            rig.ends(outputs, IsolationLevel.READ_COMMITTED)
                .equals(rig.ends(outputs, IsolationLevel.READ_UNCOMMITTED)));
    Map<TopicPartition, Long> ends = rig.ends(outputs, IsolationLevel.READ_COMMITTED);
    rig.await("the outputs are read", () -> reader.hasRead(ends));
    return ledger.verdict(inputs);
  }

  /** Waits until a number of records has an output, or no more outputs arrive. */
  void awaitOutputsOf(int inputs) throws InterruptedException {
    int seen = ledger.settled();
    long since = System.nanoTime();
    while (seen < inputs && System.nanoTime() - since < PATIENCE.toNanos()) {
      TimeUnit.MILLISECONDS.sleep(20);
      int now = ledger.settled();
      if (now > seen) {
        seen = now;
        since = System.nanoTime();
      }
    }
  }

  @Override
  public void close() {
    try {
      if (feeder != null) {
        feeder.close();
      }
    } finally {
      reader.close();
    }
  }
}
