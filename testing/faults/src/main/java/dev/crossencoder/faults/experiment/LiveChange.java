package dev.crossencoder.faults.experiment;

import dev.crossencoder.faults.rig.ControlMessages;
import dev.crossencoder.faults.rig.Rig;
import dev.crossencoder.faults.rig.Setup;
import java.nio.file.Path;
import java.util.List;

/**
 * Changes the model of a running job through its control topic, each time to one that was not used
 * before, and kills processes before, while and after the change happens.
 *
 * @param changes the number of changes
 */
record LiveChange(int changes) implements Experiment {
  private static final int TASK_MANAGERS = 2;
  private static final int SECONDS_PER_CHANGE = 14;
  private static final String CONTROL = "faults-control";

  /** What happens beside a change, one after the other. */
  private enum Beside {
    NOTHING("nothing else"),
    TASK_MANAGER_BEFORE("`kill -9` of a TaskManager when it is asked for"),
    TASK_MANAGER_AT("`kill -9` of a TaskManager when all subtasks have been told to use it"),
    JOB_MANAGER_BEFORE("`kill -9` of the JobManager when it is asked for"),
    TASK_MANAGER_AFTER("`kill -9` of a TaskManager a second after it is in use"),
    JOB_MANAGER_AFTER("`kill -9` of the JobManager when all subtasks have been told to use it");

    private final String text;

    Beside(String text) {
      this.text = text;
    }
  }

  @Override
  public String name() {
    return "live-model-change";
  }

  @Override
  public String description() {
    return "%d changes of the model while the job runs, with kills of TaskManagers and the JobManager before, at and after them"
        .formatted(changes);
  }

  @Override
  public Setup setup(Path folder) {
    return Setup.of(TASK_MANAGERS).withHighAvailability();
  }

  @Override
  public List<String> jobArguments() {
    return List.of("--model-update", "topic", "--model-control-topic", CONTROL);
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
    try (ControlMessages control = new ControlMessages(run.rig(), CONTROL)) {
      String first = run.rig().tinyModel();
      run.job().await("the first model is pinned", () -> control.isActive(first));
      for (int i = 0; i < changes; i++) {
        run.rest(1, 4);
        String model = run.rig().tinyModel(i);
        Beside beside = Beside.values()[i % Beside.values().length];
        run.fault("another model, and " + beside.text, () -> change(run, control, model, beside));
        control.send("no JSON");
      }
    }
    int models = run.main().ledger().revisions();
    run.check("models that have scored", String.valueOf(models), models == changes + 1);
    int returned = run.main().ledger().revisionsReturned();
    run.check(
        "results behind those of a later model in their partition",
        String.valueOf(returned),
        returned == 0);
  }

  private static void change(Run run, ControlMessages control, String model, Beside beside)
      throws Exception {
    Rig rig = run.rig();
    control.ask(model);
    if (beside == Beside.TASK_MANAGER_BEFORE) {
      killTaskManager(run);
    } else if (beside == Beside.JOB_MANAGER_BEFORE) {
      killJobManager(rig);
    }
    run.job().await("the job uses " + model, () -> control.isActive(model));
    if (beside == Beside.TASK_MANAGER_AT) {
      killTaskManager(run);
    } else if (beside == Beside.JOB_MANAGER_AFTER) {
      killJobManager(rig);
    } else if (beside == Beside.TASK_MANAGER_AFTER) {
      run.rest(1, 1.5);
      killTaskManager(run);
    }
  }

  private static void killTaskManager(Run run) throws Exception {
    int index = run.random().nextInt(TASK_MANAGERS);
    run.rig().cluster().killTaskManager(index);
    run.rig().cluster().startTaskManager(index);
  }

  private static void killJobManager(Rig rig) throws Exception {
    rig.cluster().killJobManager();
    rig.cluster().startJobManager();
  }
}
