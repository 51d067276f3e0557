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

/** A job with its records: what is sent, and what comes of it. Used by one thread. */
public final class Flow implements AutoCloseable {
  /** What is committed late is committed with the next checkpoint, once a backlog is worked off. */
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
   * Creates topics, and neither submits the job nor sends records yet.
   *
   * @param name of the job
   * @param arguments more ones of the job
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
   * Starts to send.
   *
   * @param atLeast how many records
   */
  public void feed(Feeder.Pace pace, int atLeast) {
    feeder =
        new Feeder(
            rig.broker().bootstrapServers(), topics.input(), traffic, atLeast, pace, ledger::seen);
  }

  /** Where a record is in the input topic, as the job's {@code --skip} takes it. */
  String position(int number) {
    int partition = traffic.partition(number);
    long offset = IntStream.range(0, number).filter(i -> traffic.partition(i) == partition).count();
    return partition + ":" + offset;
  }

  /** How many records were sent. */
  public int sent() {
    return feeder == null ? 0 : feeder.sent();
  }

  /** Sends no more than it must, and returns how many records the input topic has. */
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

  /** Waits until each partition has committed outputs of what is sent from now on. */
  void awaitOutputsOfWhatIsSentNow() {
    int next = sent();
    job.await("outputs of records sent after number " + next, () -> ledger.hasReached(next));
  }

  /**
   * Waits until all records have an output or no more come, stops the job, and compares.
   *
   * @throws IllegalStateException if Kafka still has an open transaction then
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

  /** Waits until there are so many outputs, or no more come. */
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
