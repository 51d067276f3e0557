package dev.crossencoder.operator.change;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.BundleManifest;
import dev.crossencoder.model.hub.HubSettings;
import dev.crossencoder.model.hub.ModelHub;
import dev.crossencoder.model.repository.ModelRepository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelWatcherTest {
  @TempDir private Path folder;
  private final List<String> found = new ArrayList<>();

  private ModelWatcher watch(Path model) {
    return new ModelWatcher(
        Map.of("", new WatchedModel(model.toString(), null, null)),
        (name, revision) -> found.add(revision.digest()));
  }

  private Path bundle(String name, String as) throws IOException {
    Bundle original = ModelRepository.shared().resolve("demo-qa");
    Path made = Files.createDirectories(folder.resolve(as));
    String manifest = Files.readString(original.folder().resolve(BundleManifest.FILE));
    Files.writeString(
        made.resolve(BundleManifest.FILE), manifest.replace("\"demo-qa\"", "\"" + name + "\""));
    return made;
  }

  @Test
  void anotherManifestInTheSameFolderIsFound() throws IOException {
    Path model = bundle("first", "model");
    ModelWatcher watcher = watch(model);
    watcher.look();
    watcher.look();
    String before = Bundle.read(model).digest();

    bundle("second", "model");
    watcher.look();

    assertThat(found).containsExactly(before, before, Bundle.read(model).digest());
  }

  @Test
  void anotherTargetOfALinkIsFound() throws IOException {
    Path first = bundle("first", "one");
    Path second = bundle("second", "two");
    Path link = Files.createSymbolicLink(folder.resolve("link"), first);
    ModelWatcher watcher = watch(link);
    watcher.look();

    Files.move(
        Files.createSymbolicLink(folder.resolve("next"), second),
        link,
        StandardCopyOption.REPLACE_EXISTING,
        StandardCopyOption.ATOMIC_MOVE);
    watcher.look();

    assertThat(found).containsExactly(Bundle.read(first).digest(), Bundle.read(second).digest());
  }

  /** The stand-in for the hub answers conditional requests as the hub does. */
  @Test
  void anotherCommitOfABranchIsFound() throws IOException {
    try (BranchServer hub = new BranchServer()) {
      Map<String, String> environment =
          Map.of(
              "HF_ENDPOINT", hub.address().toString(), "HF_HOME", folder.resolve("hf").toString());
      ModelRepository repository =
          new ModelRepository(
              folder.resolve("bundles"),
              new ModelHub(HubSettings.fromEnvironment(environment, folder)));
      ModelWatcher watcher =
          new ModelWatcher(
              repository,
              Map.of("", new WatchedModel(BranchServer.MODEL, null, null)),
              (name, revision) -> found.add(revision.digest()));

      watcher.look();
      watcher.look();
      hub.moveTo("demo-qa");
      watcher.look();
      hub.moveTo("demo-rank");
      watcher.look();

      assertThat(hub.listings()).startsWith(200).contains(304);
      assertThat(found).hasSize(4);
      assertThat(found.get(1)).isEqualTo(found.get(0)).isEqualTo(found.get(3));
      assertThat(found.get(2)).isNotEqualTo(found.get(0));
    }
  }

  @Test
  void aModelThatIsMissingIsLookedForLessOftenUntilItIsThere() throws IOException {
    Path model = folder.resolve("model");
    ModelWatcher watcher = watch(model);
    watcher.look();
    bundle("first", "model");

    watcher.look();
    assertThat(found).as("one look is left out").isEmpty();
    watcher.look();
    assertThat(found).containsExactly(Bundle.read(model).digest());
    watcher.look();
    assertThat(found).hasSize(2);
  }
}
