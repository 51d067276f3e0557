package dev.crossencoder.faults.experiment;

import dev.crossencoder.faults.records.Mix;
import dev.crossencoder.faults.rig.RigJob;
import dev.crossencoder.faults.rig.Setup;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * Makes the settings of the output topic stricter while the job writes to it. The failure must name
 * the rejected record. After the restart, the job must use the new settings and write such records
 * as dead letters.
 */
record TopicSettingsChange() implements Experiment {
  private static final double UNTIMELY = 0.02;
  private static final int SECONDS = 60;
  private static final String AFTER_MAX = "message.timestamp.after.max.ms";
  private static final String HOUR_MILLIS = "3600000";
  private static final Pattern ORIGIN =
      Pattern.compile("read from topic (\\S+), partition (\\d+), offset (\\d+)");

  @Override
  public String name() {
    return "topic-settings";
  }

  @Override
  public String description() {
    return "the output topic's `%s` lowered to an hour, then its `cleanup.policy` set to `compact`, while %.0f %% of the good records have times far ahead and 10 %% of all have no key"
        .formatted(AFTER_MAX, 100 * UNTIMELY);
  }

  @Override
  public Setup setup(Path folder) {
    return Setup.of(2).withTopicOption(AFTER_MAX, String.valueOf(Long.MAX_VALUE));
  }

  @Override
  public Mix mix(long seed, int records) {
    return Mix.USUAL.withUntimely(UNTIMELY);
  }

  @Override
  public int seconds() {
    return SECONDS;
  }

  @Override
  public void run(Run run) throws Exception {
    narrow(run, AFTER_MAX, HOUR_MILLIS, "invalid_timestamp");
    narrow(run, "cleanup.policy", "compact", "missing_key");
  }

  /** Changes a setting, and waits until the job has failed once and runs again. */
  private static void narrow(Run run, String option, String value, String reason) throws Exception {
    RigJob job = run.job();
    run.rest(5, 8);
    run.main().ledger().allow(reason);
    int before = job.restarts();
    run.fault(
        "%s set to %s".formatted(option, value),
        () -> {
          run.rig().alter(run.main().topics().output(), option, value);
          job.await("a restart after the change", () -> job.restarts() > before);
        });
    String failures = job.failures();
    boolean named = ORIGIN.matcher(failures).find();
    run.check(
        "%s set to %s while the job runs".formatted(option, value),
        "%d restarts, %s, then %d dead letters for `%s`"
            .formatted(
                job.restarts() - before,
                named ? "the failure names topic, partition and offset" : failures,
                run.main().ledger().deadLetters(reason),
                reason),
        named && run.main().ledger().deadLetters(reason) > 0);
  }
}
