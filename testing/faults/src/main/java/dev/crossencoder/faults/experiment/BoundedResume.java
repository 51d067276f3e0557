package dev.crossencoder.faults.experiment;

import dev.crossencoder.faults.records.Topics;
import dev.crossencoder.faults.rig.RigJob;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/**
 * Stops the job with a savepoint, resumes it with {@code --until latest} while records are sent,
 * waits until it finishes, and starts it from the offsets of its consumer group.
 *
 * @param times the number of repetitions
 */
record BoundedResume(int times) implements Experiment {
  private static final int SECONDS_PER_TIME = 30;
  private static final String UNTIL = "--until";

  @Override
  public String name() {
    return "bounded-resume";
  }

  @Override
  public String description() {
    return "savepoint, stop, resume with `--until latest` until the job ends by itself, and a start from the committed offsets, %d times"
        .formatted(times);
  }

  @Override
  public int seconds() {
    return times * SECONDS_PER_TIME;
  }

  @Override
  public void run(Run run) throws Exception {
    RigJob job = run.job();
    List<TopicPartition> inputs = Topics.partitions(run.main().topics().input());
    int ended = 0;
    long behind = 0;
    for (int i = 0; i < times; i++) {
      run.rest(3, 6);
      String savepoint = job.stopWithSavepoint();
      run.rest(1, 3);
      Map<TopicPartition, Long> ends = run.rig().ends(inputs, IsolationLevel.READ_COMMITTED);
      job.set(UNTIL, "latest");
      job.start(run.rig().slots(), List.of("-s", savepoint));
      job.awaitState("FINISHED");
      ended++;
      Map<TopicPartition, Long> committed = run.rig().committed(job.name());
      for (TopicPartition partition : inputs) {
        behind += Math.max(0, ends.get(partition) - committed.getOrDefault(partition, 0L));
      }
      job.set(UNTIL, "never");
      run.fault("resumed until the end, then started again", () -> job.submit(run.rig().slots()));
    }
    run.check(
        "resumed jobs that ended by themselves",
        "%d of %d".formatted(ended, times),
        ended == times);
    run.check(
        "records before the end at submission that an ended job had not read",
        String.valueOf(behind),
        behind == 0);
  }
}
