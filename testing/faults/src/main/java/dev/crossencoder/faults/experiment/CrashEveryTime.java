package dev.crossencoder.faults.experiment;

import dev.crossencoder.faults.agent.EngineFaults;
import dev.crossencoder.faults.agent.EngineFaults.Kind;
import dev.crossencoder.faults.records.Fate;
import dev.crossencoder.faults.records.Mix;
import dev.crossencoder.faults.rig.RigJob;
import dev.crossencoder.faults.rig.Setup;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A pair crashes the process each time that it is scored, until the job is resumed with {@code
 * --skip} and the position of its record.
 *
 * @param crashes the number of crashes before the resume
 */
record CrashEveryTime(int crashes) implements Experiment {
  private static final String WORD = "zqcrash";
  private static final int SECONDS = 90;

  @Override
  public String name() {
    return "crash-every-time";
  }

  @Override
  public String description() {
    return "a pair that crashes the process each time, %d times, then cancelled and resumed with `--skip`"
        .formatted(crashes);
  }

  @Override
  public Setup setup(Path folder) {
    return Setup.of(2)
        .withClusterOption(
            "env.java.opts.taskmanager",
            EngineFaults.in(folder).always(WORD, Kind.CRASH).jvmArgument());
  }

  @Override
  public int seconds() {
    return SECONDS;
  }

  @Override
  public Mix mix(long seed, int records) {
    return Mix.USUAL.withMarks(Map.of(marked(records), new Mix.Mark(WORD, Fate.DEAD_LETTER)));
  }

  private static int marked(int records) {
    return records / 3;
  }

  @Override
  public void run(Run run) throws Exception {
    int number = marked(run.records());
    run.rig().await("record " + number, () -> run.main().sent() > number);
    RigJob job = run.job();
    run.fault(
        "a pair crashes the process each time",
        () -> {
          int ended = 0;
          while (ended < crashes) {
            ended += run.rig().awaitEndedTaskManager();
          }
          job.cancel();
          String position = run.main().position(number);
          job.add(List.of("--skip", position));
          job.resume(job.latestCheckpoint(), run.rig().slots());
        });
    run.check(
        "dead letters of skipped records",
        run.main().ledger().reasons(),
        run.main().ledger().deadLetters("skipped") == 1);
  }
}
