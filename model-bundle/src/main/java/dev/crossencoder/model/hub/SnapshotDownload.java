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
 * Downloads the missing files of a checkpoint into its snapshot folder. Weights are downloaded
 * last, so a snapshot with weights is complete. Owned by one thread.
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

  /** For the files of a listing. If it has no files, known names are probed one by one. */
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

  /** For single files, without a listing. */
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
   * Downloads the missing files.
   *
   * @throws HubException if the repository is not a checkpoint, before any download, or if a
   *     download fails
   */
  void run() throws IOException {
    CheckpointFiles.check(id, files.keySet());
    if (!isComplete()) {
      cache.locked(id, this::fetch);
    }
  }

  /**
   * Downloads a single file.
   *
   * @throws HubException if the repository does not have the file, or the download fails
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

  /** The file with the weights, or the index of the shards. */
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

  /** Downloads files that another file names. The hub's listing may omit them. */
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
        RemoteFile file = withMetadata(name);
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

  /** Whether a file exists with the size that the hub says. */
  private boolean isThere(String name) {
    return isThere(snapshot.resolve(name), files.get(name));
  }

  private static boolean isThere(Path path, RemoteFile file) {
    try {
      return Files.isRegularFile(path)
          && (file == null || file.size().isEmpty() || Files.size(path) == file.size().getAsLong());
    } catch (IOException e) {
      // The file will be downloaded, which reports the problem if it persists.
      return false;
    }
  }

  /**
   * Completes the metadata of a file with a request. Weights are always in LFS, so if a listing
   * shows no file in LFS, it omits this detail, and its ids may be those of pointer files.
   */
  private RemoteFile withMetadata(String name) throws IOException {
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
    cache.addToSnapshot(blob, snapshot.resolve(file.name()));
  }
}
