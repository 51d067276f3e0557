package dev.crossencoder.faults.experiment;

import dev.crossencoder.faults.rig.ControlMessages;
import dev.crossencoder.faults.rig.ProcessResources;
import dev.crossencoder.faults.rig.Setup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Changes the model of a running job in one TaskManager, many times, between models that cannot be
 * used. The memory of the former ones must be freed.
 *
 * @param changes the number of changes
 */
record LiveChangeInPlace(int changes) implements Experiment {
  private static final int CHANGES_PER_SAMPLE = 5;

  /** A former model is kept for 10 s after its last record. */
  private static final int SECONDS_UNTIL_FREED = 13;

  private static final int FEWEST_SAMPLES = 6;
  private static final int SECONDS_PER_CHANGE = 6;
  private static final String CONTROL = "faults-control";

  @Override
  public String name() {
    return "live-model-change-in-place";
  }

  @Override
  public String description() {
    return "%d changes of the model in one TaskManager, with models between them that are damaged, missing or no models"
        .formatted(changes);
  }

  @Override
  public Setup setup(Path folder) {
    return Setup.of(1).withTouchedHeap();
  }

  @Override
  public List<String> jobArguments() {
    return List.of(
        "--model-update", "topic", "--model-control-topic", CONTROL, "--model-wait", "0s");
  }

  @Override
  public int seconds() {
    return changes * SECONDS_PER_CHANGE;
  }

  @Override
  public void start(Run run) throws Exception {
    run.rig().createCompacted(CONTROL);
    run.startMain();
  }

  @Override
  public void run(Run run) throws Exception {
    long pid = run.rig().cluster().taskManagerPid(0);
    List<ProcessResources> samples = new ArrayList<>();
    try (ControlMessages control = new ControlMessages(run.rig(), CONTROL)) {
      String first = run.rig().tinyModel();
      run.job().await("the first model is pinned", () -> control.isActive(first));
      refuse(run, control);
      for (int i = 1; i <= changes; i++) {
        String model = run.rig().tinyModel(i);
        run.fault(
            "another model",
            () -> {
              control.ask(model);
              run.job().await("the job uses " + model, () -> control.isActive(model));
            });
        if (i % CHANGES_PER_SAMPLE == 0) {
          TimeUnit.SECONDS.sleep(SECONDS_UNTIL_FREED);
          samples.add(run.rig().taskManagerResources(0));
        }
      }
    }
    run.checkSameTaskManager(pid);
    int models = run.main().ledger().revisions();
    run.check("models that have scored", String.valueOf(models), models == changes + 1);
    int returned = run.main().ledger().revisionsReturned();
    run.check(
        "results behind those of a later model in their partition",
        String.valueOf(returned),
        returned == 0);
    if (samples.size() >= FEWEST_SAMPLES) {
      // The first ones load what is loaded once.
      RestartInPlace.trends(run, samples.subList(1, samples.size()));
    }
  }

  private static void refuse(Run run, ControlMessages control) throws Exception {
    Path folder = run.rig().folder();
    String none = folder.resolve("no-such-model").toString();
    Path damaged = Path.of(run.rig().tinyModel(0));
    Files.write(damaged.resolve("model.safetensors"), new byte[100]);
    Path empty = Files.createDirectories(folder.resolve("empty"));
    for (String model : List.of(none, damaged.toString(), empty.toString())) {
      control.ask(model);
      run.job().await("the job refuses " + model, () -> control.hasFailed(model));
      run.check(
          "a model that is " + (model.equals(none) ? "missing" : Path.of(model).getFileName()),
          "is refused: `"
              + control.message().replace(folder.toString(), "").lines().findFirst().orElse("")
              + "`",
          !control.message().isEmpty());
    }
  }
}
