package dev.crossencoder.faults.experiment;

import dev.crossencoder.faults.agent.EngineFaults;
import dev.crossencoder.faults.records.Fate;
import dev.crossencoder.faults.records.Mix;
import dev.crossencoder.faults.rig.Setup;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Forward passes that take longer than the timeout, in a job with {@code --on-timeout dead-letter}.
 *
 * @param passes the number of slow passes
 */
record TimeoutToDeadLetter(int passes) implements Experiment {
  private static final String WORD = "zqslow";
  private static final String REASON = "timeout";
  private static final Duration PASS = Duration.ofSeconds(14);
  private static final int SECONDS_PER_PASS = 25;

  @Override
  public String name() {
    return "timeout-dead-letter";
  }

  @Override
  public String description() {
    return "%d passes of %d s, with `--timeout 10s --on-timeout dead-letter`"
        .formatted(passes, PASS.toSeconds());
  }

  @Override
  public Setup setup(Path folder) {
    return Setup.of(2)
        .withClusterOption(
            "env.java.opts.taskmanager", EngineFaults.in(folder).slow(WORD, PASS).jvmArgument());
  }

  @Override
  public List<String> jobArguments() {
    return List.of("--timeout", "10s", "--on-timeout", "dead-letter");
  }

  @Override
  public int seconds() {
    return passes * SECONDS_PER_PASS;
  }

  @Override
  public Mix mix(long seed, int records) {
    Map<Integer, Mix.Mark> marks = new LinkedHashMap<>();
    for (int i = 0; i < passes; i++) {
      marks.put(marked(i, records), new Mix.Mark(WORD, Fate.DEAD_LETTER));
    }
    return Mix.USUAL.withMarks(marks);
  }

  private int marked(int pass, int records) {
    return (int) (records * (pass + 0.3) / passes);
  }

  @Override
  public void run(Run run) throws Exception {
    // The records behind it may be scored or time out, too.
    run.main().ledger().allow(REASON);
    for (int i = 0; i < passes; i++) {
      run.marked("a pass of %d s".formatted(PASS.toSeconds()), marked(i, run.records()));
    }
    run.check(
        "dead letters by reason, and restarts",
        "%s, %d".formatted(run.main().ledger().reasons(), run.job().restarts()),
        run.main().ledger().deadLetters(REASON) >= passes && run.job().restarts() == 0);
  }
}
