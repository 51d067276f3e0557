package dev.crossencoder.model.hub;

import dev.crossencoder.model.hub.HubException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Brings the files of a checkpoint into its snapshot folder, those that are not there yet. The
 * weights come last, so that a snapshot with weights has all the rest. Owned by one thread.
 */
final class SnapshotDownload {
  private final HubApi api;
  private final HubSettings settings;
  private final HubCache cache;
  private final DownloadListener listener;
  private final HubModelId id;
  private final String commit;
  private final Path snapshot;
  private final Map<String, RemoteFile> files;

  private SnapshotDownload(
      HubApi api,
      HubSettings settings,
      HubCache cache,
      DownloadListener listener,
      HubModelId id,
      String commit,
      Map<String, RemoteFile> files) {
    this.api = api;
    this.settings = settings;
    this.cache = cache;
    this.listener = listener;
    this.id = id;
    this.commit = commit;
    this.snapshot = cache.snapshot(id, commit);
    this.files = files;
  }

  /** Prepares the download of what a listing has, or else of what can be found without one. */
  static SnapshotDownload of(
      HubApi api,
      HubSettings settings,
      HubCache cache,
      DownloadListener listener,
      HubModelId id,
      RepositoryListing listing)
      throws IOException {
    String commit = listing.commit();
    Map<String, RemoteFile> files =
        listing.files().isPresent() ? listing.files().get() : probe(api, id, commit);
    return new SnapshotDownload(api, settings, cache, listener, id, commit, files);
  }

  /** Prepares the download of files that are asked for one by one. */
  static SnapshotDownload unlisted(
      HubApi api,
      HubSettings settings,
      HubCache cache,
      DownloadListener listener,
      HubModelId id,
      String commit) {
    return new SnapshotDownload(api, settings, cache, listener, id, commit, new LinkedHashMap<>());
  }

  private static Map<String, RemoteFile> probe(HubApi api, HubModelId id, String commit)
      throws IOException {
    List<String> names = new ArrayList<>(CheckpointFiles.SMALL);
    names.add(CheckpointFiles.WEIGHTS);
    names.add(CheckpointFiles.INDEX);
    names.add(CheckpointFiles.ADAPTER);
    Map<String, RemoteFile> found = new LinkedHashMap<>();
    for (String name : names) {
      api.metadata(id, commit, name).ifPresent(file -> found.put(name, file));
    }
    return found;
  }

  /**
   * Downloads.
   *
   * @throws HubException if the repository holds no checkpoint, before anything is read
   */
  void run() throws IOException {
    CheckpointFiles.check(id, files.keySet());
    if (!isComplete()) {
      cache.locked(id, this::fetch);
    }
  }

  /**
   * Downloads one file.
   *
   * @throws HubException if the repository does not have it
   */
  void runFor(String name) throws IOException {
    cache.locked(
        id,
        () -> {
          Optional<RemoteFile> file = api.metadata(id, commit, name);
          if (file.isEmpty()) {
            throw new HubException(
                Kind.INCOMPLETE,
                "Cannot use %s of the repository %s, it has no such file.".formatted(name, id));
          }
          files.put(name, file.get());
          fetchAll(List.of(name));
          return snapshot;
        });
  }

  private boolean isComplete() throws IOException {
    return small().stream().allMatch(this::isThere)
        && isThere(weights())
        && ModuleFiles.of(id, snapshot).stream().allMatch(this::isThere)
        && (!isSharded() || shards().stream().allMatch(this::isThere));
  }

  private List<String> small() {
    return CheckpointFiles.SMALL.stream().filter(files::containsKey).toList();
  }

  /** The file with the weights, or that names those with them. */
  private String weights() {
    return isSharded() ? CheckpointFiles.INDEX : CheckpointFiles.WEIGHTS;
  }

  private boolean isSharded() {
    return !files.containsKey(CheckpointFiles.WEIGHTS);
  }

  private List<String> shards() throws IOException {
    return CheckpointFiles.shards(id, snapshot.resolve(CheckpointFiles.INDEX));
  }

  private Path fetch() throws IOException {
    cache.store(
        () -> {
          HubCache.makeFolder(cache.blob(id, commit).getParent());
          return HubCache.makeFolder(snapshot);
        });
    fetchAll(small());
    fetchNamed(ModuleFiles.of(id, snapshot), ModuleFiles.CHAIN);
    fetchAll(List.of(weights()));
    if (isSharded()) {
      fetchNamed(shards(), CheckpointFiles.INDEX);
    }
    return snapshot;
  }

  /** Fetches what another file names, which the hub may not have listed. */
  private void fetchNamed(List<String> names, String origin) throws IOException {
    for (String name : names) {
      if (!files.containsKey(name)) {
        Optional<RemoteFile> file = api.metadata(id, commit, name);
        if (file.isEmpty()) {
          throw new HubException(
              Kind.INCOMPLETE,
              "Cannot use the repository %s as a model, it lacks %s, which its %s names."
                  .formatted(id, name, origin));
        }
        files.put(name, file.get());
      }
    }
    fetchAll(names);
  }

  private void fetchAll(List<String> names) throws IOException {
    List<RemoteFile> wanted = new ArrayList<>();
    long bytes = 0;
    for (String name : names) {
      if (!isThere(name)) {
        RemoteFile file = described(name);
        bytes += file.size().orElse(0);
        wanted.add(file);
      }
    }
    if (!wanted.isEmpty()) {
      cache.checkSpace(bytes);
    }
    for (RemoteFile file : wanted) {
      fetch(file);
    }
  }

  /** A file that is there with another size than the hub says is not the file. */
  private boolean isThere(String name) {
    return isThere(snapshot.resolve(name), files.get(name));
  }

  private static boolean isThere(Path path, RemoteFile file) {
    try {
      return Files.isRegularFile(path)
          && (file == null || file.size().isEmpty() || Files.size(path) == file.size().getAsLong());
    } catch (IOException e) {
      // It will be fetched, and what is wrong with it will be told then.
      return false;
    }
  }

  /**
   * Asks for what the listing does not say. Large files are kept outside Git, and weights always: a
   * listing that knows of none has left that out, and its ids may be those of pointers.
   */
  private RemoteFile described(String name) throws IOException {
    RemoteFile listed = files.get(name);
    boolean tellsLargeFiles = files.values().stream().anyMatch(RemoteFile::isLarge);
    boolean doubtful = !listed.isLarge() && (CheckpointFiles.isWeights(name) || !tellsLargeFiles);
    if (listed.contentId().isPresent() && !doubtful) {
      return listed;
    }
    Optional<RemoteFile> asked = api.metadata(id, commit, name);
    return new RemoteFile(
        name,
        asked.map(RemoteFile::size).filter(OptionalLong::isPresent).orElse(listed.size()),
        asked.flatMap(RemoteFile::contentId));
  }

  private void fetch(RemoteFile file) throws IOException {
    Path blob = cache.blob(id, file.blobName(commit));
    if (!isThere(blob, file)) {
      CheckpointFiles.checkSize(id, file);
      blob = new BlobDownload(api, settings, cache, listener, id, commit, file).run();
    }
    cache.show(blob, snapshot.resolve(file.name()));
  }
}
