package dev.crossencoder.faults.experiment;

import dev.crossencoder.faults.agent.EngineFaults;
import dev.crossencoder.faults.agent.EngineFaults.Kind;
import dev.crossencoder.faults.records.Fate;
import dev.crossencoder.faults.records.Mix;
import dev.crossencoder.faults.rig.Setup;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Lets the engine fail at some pairs: out of memory, an error, NaN logits, a pass that never ends,
 * a crash of the process. TaskManagers that end are restarted, as Kubernetes does.
 *
 * @param each the number of pairs for each failure
 */
record EngineFailures(int each) implements Experiment {
  private static final int TASK_MANAGERS = 2;
  private static final Pattern HALVED = Pattern.compile("does not fit into memory and is halved");
  private static final int SECONDS_PER_FAILURE = 16;

  /** The failures by the word of the marked pair. */
  private enum Failing {
    MEMORY("zqmemory", Kind.OUT_OF_MEMORY, false, Fate.SCORED, "does not fit beside others"),
    ALONE("zqalone", Kind.OUT_OF_MEMORY_ALONE, false, Fate.DEAD_LETTER, "does not fit alone"),
    NAN("zqnan", Kind.NAN, false, Fate.DEAD_LETTER, "has logits that are no numbers"),
    ERROR("zqerror", Kind.EXCEPTION, true, Fate.SCORED, "fails in the engine, once for each pair"),
    HANG("zqhang", Kind.HANG, true, Fate.SCORED, "has a pass that never ends, once for each pair"),
    CRASH("zqcrash", Kind.CRASH, true, Fate.SCORED, "crashes the process, once for each pair");

    private final String word;
    private final Kind kind;
    private final boolean once;
    private final Fate fate;
    private final String what;

    Failing(String word, Kind kind, boolean once, Fate fate, String what) {
      this.word = word;
      this.kind = kind;
      this.once = once;
      this.fate = fate;
      this.what = what;
    }
  }

  @Override
  public String name() {
    return "engine-failures";
  }

  @Override
  public String description() {
    return "%d pairs of each kind: out of memory in a batch and alone, NaN, an error, a hang, a native crash"
        .formatted(each);
  }

  @Override
  public Setup setup(Path folder) {
    EngineFaults faults = EngineFaults.in(folder);
    for (Failing failing : Failing.values()) {
      faults =
          failing.once
              ? faults.once(failing.word, failing.kind)
              : faults.always(failing.word, failing.kind);
    }
    return Setup.of(TASK_MANAGERS)
        .withClusterOption("env.java.opts.taskmanager", faults.jvmArgument());
  }

  /** The minimum of the timeout, which ends a hang. */
  @Override
  public List<String> jobArguments() {
    return List.of("--timeout", "10s");
  }

  @Override
  public int seconds() {
    return each * Failing.values().length * SECONDS_PER_FAILURE;
  }

  @Override
  public Mix mix(long seed, int records) {
    Map<Integer, Mix.Mark> marks = new LinkedHashMap<>();
    marks(seed, records)
        .forEach((number, failing) -> marks.put(number, new Mix.Mark(failing.word, failing.fate)));
    return Mix.USUAL.withMarks(marks);
  }

  /** Returns the numbers of the marked records: one at a random place in each of equal parts. */
  private Map<Integer, Failing> marks(long seed, int records) {
    List<Failing> all = new ArrayList<>();
    for (int i = 0; i < each; i++) {
      all.addAll(List.of(Failing.values()));
    }
    SplittableRandom random = new SplittableRandom(seed);
    Map<Integer, Failing> marks = new TreeMap<>();
    double part = records / (all.size() + 1.0);
    for (int i = 0; i < all.size(); i++) {
      marks.put((int) (part * (i + 0.5 + random.nextDouble() / 2)), all.get(i));
    }
    return marks;
  }

  @Override
  public void run(Run run) throws Exception {
    for (Map.Entry<Integer, Failing> mark : marks(run.seed(), run.records()).entrySet()) {
      run.marked("a pair " + mark.getValue().what, mark.getKey());
    }
    EngineFaults faults = EngineFaults.in(run.rig().folder());
    for (Failing failing : Failing.values()) {
      if (failing.once) {
        long happened = faults.happened(failing.word);
        run.check("how often a pair " + failing.what, String.valueOf(happened), happened == each);
      }
    }
    long halved = 0;
    for (int i = 0; i < TASK_MANAGERS; i++) {
      halved += HALVED.matcher(run.rig().cluster().taskManagerLog(i)).results().count();
    }
    // A marked pair may be alone in its batch, and not every halving is logged.
    run.check("batches that were halved and logged", String.valueOf(halved), halved >= 1);
    run.check(
        "dead letters for memory and NaN",
        run.main().ledger().reasons(),
        run.main().ledger().deadLetters("device_out_of_memory") == each
            && run.main().ledger().deadLetters("non_finite_score") == each);
  }
}
