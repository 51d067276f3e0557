package dev.crossencoder.faults.experiment;

import dev.crossencoder.faults.agent.EngineFaults;
import dev.crossencoder.faults.agent.EngineFaults.Kind;
import dev.crossencoder.faults.records.Fate;
import dev.crossencoder.faults.records.Mix;
import dev.crossencoder.faults.rig.RigJob;
import dev.crossencoder.faults.rig.Setup;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Cancels the job while a forward pass hangs. The job must end, the leak of the model must be
 * logged, and the TaskManager must remain usable.
 *
 * @param hangs the number of hangs, one after the other
 */
record CancelHung(int hangs) implements Experiment {
  private static final String WORD = "zqhang";
  private static final String LEAKED = "its memory is leaked until the process ends";
  private static final double LONGEST_CANCEL_SECONDS = 10;
  private static final int SECONDS_PER_HANG = 40;

  @Override
  public String name() {
    return "cancel-hung";
  }

  @Override
  public String description() {
    return "cancelled while a forward pass hangs, and resumed from the retained checkpoint, %d times"
        .formatted(hangs);
  }

  @Override
  public Setup setup(Path folder) {
    return Setup.of(1)
        .withClusterOption(
            "env.java.opts.taskmanager",
            EngineFaults.in(folder).once(WORD, Kind.HANG).jvmArgument());
  }

  @Override
  public int seconds() {
    return hangs * SECONDS_PER_HANG;
  }

  @Override
  public Mix mix(long seed, int records) {
    Map<Integer, Mix.Mark> marks = new LinkedHashMap<>();
    for (int i = 0; i < hangs; i++) {
      marks.put(marked(i, records), new Mix.Mark(WORD, Fate.SCORED));
    }
    return Mix.USUAL.withMarks(marks);
  }

  private int marked(int hang, int records) {
    return (int) (records * (hang + 0.3) / hangs);
  }

  @Override
  public void run(Run run) throws Exception {
    RigJob job = run.job();
    long pid = run.rig().cluster().taskManagerPid(0);
    for (int i = 0; i < hangs; i++) {
      int number = marked(i, run.records());
      run.rig().await("record " + number, () -> run.main().sent() > number);
      TimeUnit.SECONDS.sleep(4);
      run.fault(
          "cancelled while a pass hangs",
          () -> {
            long start = System.nanoTime();
            job.cancel();
            run.atMost(
                "seconds until the job had ended",
                (System.nanoTime() - start) / 1e9,
                LONGEST_CANCEL_SECONDS);
            job.resume(job.latestCheckpoint(), run.rig().slots());
          });
    }
    String log = run.rig().cluster().taskManagerLog(0);
    long said = log.lines().filter(line -> line.contains(LEAKED)).count();
    run.check(
        "models that are leaked according to the log",
        String.format(Locale.ROOT, "%d", said),
        said == hangs);
    run.checkSameTaskManager(pid);
  }
}
