package dev.crossencoder.operator.change;

import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.BundleManifest;
import dev.crossencoder.model.repository.ModelRepository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.apache.flink.annotation.Internal;
import org.apache.flink.annotation.VisibleForTesting;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks whether the models of the options lead to other bundles than before: because a folder has
 * other files, also one in a file system of Flink, a symbolic link another target, or a branch of
 * the hub another commit. A model that cannot be found is looked for less often, up to every
 * sixteenth time. Owned by one thread.
 */
@Internal
public final class ModelWatcher {
  private static final Logger LOG = LoggerFactory.getLogger(ModelWatcher.class);
  private static final int LONGEST_PAUSE = 16;

  private final ModelRepository repository;
  private final Map<String, WatchedModel> models;
  private final BiConsumer<String, ModelRevision> found;
  private final Map<String, Watch> watches = new HashMap<>();

  /** What is known of a model. */
  private static final class Watch {
    /** What the files of the folder looked like when the digest was found. */
    private Map<String, String> files = Map.of();

    private ModelRevision last;

    /** How many looks are left out after a failure. */
    private int pause;

    private int nextPause = 1;
  }

  /**
   * Creates a watcher.
   *
   * @param found receives the revision of each model, whenever it is looked at
   */
  public ModelWatcher(Map<String, WatchedModel> models, BiConsumer<String, ModelRevision> found) {
    this(ModelRepository.shared(), models, found);
  }

  @VisibleForTesting
  ModelWatcher(
      ModelRepository repository,
      Map<String, WatchedModel> models,
      BiConsumer<String, ModelRevision> found) {
    this.repository = repository;
    this.models = models;
    this.found = found;
  }

  /** Looks at all models. A failure is logged. */
  public void look() {
    models.forEach(
        (name, model) -> {
          Watch watch = watches.computeIfAbsent(name, unused -> new Watch());
          if (watch.pause > 0) {
            watch.pause--;
            return;
          }
          try {
            look(name, model, watch);
            watch.nextPause = 1;
          } catch (RuntimeException | IOException e) {
            LOG.warn("Cannot look at the model {}: {}", model.model(), e.getMessage());
            watch.pause = watch.nextPause;
            watch.nextPause = Math.min(2 * watch.nextPause, LONGEST_PAUSE);
          }
        });
  }

  private void look(String name, WatchedModel model, Watch watch) throws IOException {
    String local = FileSystemModels.local(model.model());
    Map<String, String> files = files(local);
    // Digests of large files take seconds.
    if (watch.last == null || files.isEmpty() || !files.equals(watch.files)) {
      Bundle bundle = repository.resolveNow(local, Optional.ofNullable(model.precision()));
      watch.last = new ModelRevision(model.model(), bundle.digest(), null);
      watch.files = files;
    }
    found.accept(name, watch.last);
  }

  /** Returns names, sizes and times of a folder's files; empty if the model is no folder. */
  private static Map<String, String> files(String model) throws IOException {
    Path folder;
    try {
      folder = Path.of(model);
    } catch (InvalidPathException e) {
      LOG.debug("Not a folder: {}", model, e);
      return Map.of();
    }
    if (!Files.isDirectory(folder)) {
      return Map.of();
    }
    Map<String, String> files = new TreeMap<>();
    Path real = folder.toRealPath();
    files.put("", real.toString());
    // The manifest of a bundle has the digests of its other files.
    if (Files.isRegularFile(real.resolve(BundleManifest.FILE))) {
      files.put(BundleManifest.FILE, Bundle.read(real).digest());
      return files;
    }
    try (Stream<Path> members = Files.list(real)) {
      for (Path member : members.toList()) {
        files.put(
            member.getFileName().toString(),
            Files.size(member) + " " + Files.getLastModifiedTime(member));
      }
    }
    return files;
  }
}
