package dev.crossencoder.faults.experiment;

import dev.crossencoder.faults.records.Topics;
import dev.crossencoder.faults.rig.RigJob;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/**
 * Stops the job with a savepoint and deletes records that it has not read, as retention does while
 * a job is down. The resumed job must fail and name the deleted range. Resumed with {@code
 * --input-out-of-range earliest}, it must score all remaining records.
 *
 * @param from the values of the job's option {@code --from} to test
 */
record OutOfRange(List<String> from) implements Experiment {
  private static final int SECONDS_PER_TIME = 40;
  private static final int AWAY_SECONDS = 4;
  private static final String OUT_OF_RANGE = "--input-out-of-range";
  private static final Pattern RANGE =
      Pattern.compile(
          "offset (?<position>\\d+) of partition (?<topic>\\S+)-(?<partition>\\d+),.*?offsets from (?<earliest>\\d+) to");

  @Override
  public String name() {
    return "out-of-range";
  }

  @Override
  public String description() {
    return "savepoint, stop, half of the unread records deleted, resume: it must end; then resume with `--input-out-of-range earliest`; with `--from` %s"
        .formatted(String.join(", ", from));
  }

  @Override
  public int seconds() {
    return from.size() * SECONDS_PER_TIME;
  }

  @Override
  public void run(Run run) throws Exception {
    for (String start : from) {
      run.rest(3, 6);
      run.fault("records deleted, with --from " + start, () -> deleteAndResume(run, start));
    }
  }

  private static void deleteAndResume(Run run, String start) throws Exception {
    RigJob job = run.job();
    String savepoint = job.stopWithSavepoint();
    Map<TopicPartition, Long> positions = run.rig().committed(job.name());
    TimeUnit.SECONDS.sleep(AWAY_SECONDS);
    List<TopicPartition> inputs = Topics.partitions(run.main().topics().input());
    Map<TopicPartition, Long> ends = run.rig().ends(inputs, IsolationLevel.READ_COMMITTED);
    Map<TopicPartition, Long> earliest = new LinkedHashMap<>();
    int unread = 0;
    int deleted = 0;
    for (TopicPartition partition : inputs) {
      long position = positions.get(partition);
      long end = ends.get(partition);
      earliest.put(partition, position + (end - position) / 2);
      unread += (int) (end - position);
      deleted +=
          run.main().ledger().deleted(partition.partition(), position, earliest.get(partition));
    }
    run.rig().deleteBefore(earliest);

    job.set("--from", start);
    job.set(OUT_OF_RANGE, "fail");
    int restartsBefore = job.restarts();
    job.start(run.rig().slots(), List.of("-s", savepoint));
    job.awaitState("FAILED");
    String failures = job.failures();
    int restarts = job.restarts() - restartsBefore;
    boolean named = namesARange(failures, positions, earliest);
    run.check(
        "with --from %s, %d of %d unread records deleted".formatted(start, deleted, unread),
        "the job ends with %d restarts and %s"
            .formatted(
                restarts,
                named
                    ? "names partition, position and earliest offset"
                    : "the message " + failures.lines().findFirst().orElse("")),
        named && restarts == 0 && deleted > 0);

    job.set(OUT_OF_RANGE, "earliest");
    job.resume(savepoint, run.rig().slots());
  }

  /**
   * Returns whether a failure names a partition, a position at or after the committed offset, and
   * the earliest offset.
   */
  private static boolean namesARange(
      String failures, Map<TopicPartition, Long> committed, Map<TopicPartition, Long> earliest) {
    Matcher range = RANGE.matcher(failures);
    while (range.find()) {
      TopicPartition partition =
          new TopicPartition(range.group("topic"), Integer.parseInt(range.group("partition")));
      long position = Long.parseLong(range.group("position"));
      if (position >= committed.get(partition)
          && Long.parseLong(range.group("earliest")) == earliest.get(partition)) {
        return true;
      }
    }
    return false;
  }
}
