package dev.crossencoder.faults.experiment;

import dev.crossencoder.faults.rig.RigJob;
import dev.crossencoder.faults.rig.Setup;
import dev.crossencoder.model.repository.ModelRepository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Starts the job with invalid bundles, which must fail it before the first record without restarts.
 * Then starts it with a bundle that appears later, which must not fail it.
 */
record UnusableBundle() implements Experiment {
  private static final int MOUNT_SECONDS = 15;
  private static final int SECONDS = 60;

  @Override
  public String name() {
    return "unusable-bundle";
  }

  @Override
  public String description() {
    return "a bundle with a damaged file, one with another digest, one of a newer format, and one whose folder appears %d s late"
        .formatted(MOUNT_SECONDS);
  }

  @Override
  public Setup setup(Path folder) {
    return Setup.of(2)
        .withClusterOption("restart-strategy.type", "exponential-delay")
        .withClusterOption("restart-strategy.exponential-delay.initial-backoff", "500 ms")
        .withClusterOption("restart-strategy.exponential-delay.max-backoff", "5 s");
  }

  @Override
  public int seconds() {
    return SECONDS;
  }

  /** Sends records without a job. */
  @Override
  public void start(Run run) {
    run.main().feed(pace(run.records()), run.records());
  }

  @Override
  public void run(Run run) throws Exception {
    Path bundle = ModelRepository.shared().resolve(run.rig().tinyModel()).folder();
    Path folder = Files.createDirectory(run.rig().folder().resolve("bundles"));

    Path damaged = copy(bundle, folder.resolve("damaged"));
    Files.write(damaged.resolve("model.pt"), new byte[] {0}, StandardOpenOption.APPEND);
    mustEnd(run, "a damaged file", damaged, List.of(), "model.pt has ");

    String pinned = "sha256:" + "0".repeat(64);
    mustEnd(
        run,
        "another digest than the pinned one",
        bundle,
        List.of("--model-digest", pinned),
        pinned);

    Path newer = copy(bundle, folder.resolve("newer"));
    Path manifest = newer.resolve("bundle.json");
    Files.writeString(
        manifest,
        Files.readString(manifest)
            .replaceFirst("\"format_version\"\\s*:\\s*\\d+", "\"format_version\": 99"));
    mustEnd(run, "a newer format", newer, List.of(), "99");

    Path late = folder.resolve("late");
    run.job().useModel(late.toString());
    run.fault(
        "the bundle's folder is not there for %d s".formatted(MOUNT_SECONDS),
        () -> {
          run.job().start(run.rig().slots(), List.of());
          TimeUnit.SECONDS.sleep(MOUNT_SECONDS);
          int restarts = run.job().restarts();
          run.check(
              "restarts while the folder is not there", String.valueOf(restarts), restarts == 0);
          Path whole = copy(bundle, folder.resolve("whole"));
          Files.move(whole, late);
        });
  }

  private static void mustEnd(
      Run run, String what, Path bundle, List<String> arguments, String message) throws Exception {
    RigJob job = new RigJob(run.rig(), "faults", run.main().topics(), bundle.toString(), arguments);
    long start = System.nanoTime();
    job.start(run.rig().slots(), List.of());
    job.awaitState("FAILED");
    double seconds = (System.nanoTime() - start) / 1e9;
    String failures = job.failures();
    int restarts = job.restarts();
    boolean named = failures.contains(bundle.toString()) && failures.contains(message);
    run.check(
        what,
        String.format(
            Locale.ROOT,
            "ends the job after %.1f s, submission included, with %d restarts and %s",
            seconds,
            restarts,
            named ? "a message that names it" : "the message " + failures),
        named && restarts == 0 && run.main().ledger().seen() == 0);
  }

  private static Path copy(Path bundle, Path folder) throws IOException {
    Files.createDirectory(folder);
    List<Path> files = new ArrayList<>();
    try (Stream<Path> all = Files.list(bundle)) {
      all.forEach(files::add);
    }
    for (Path file : files) {
      Files.copy(file, folder.resolve(file.getFileName()));
    }
    return folder;
  }
}
