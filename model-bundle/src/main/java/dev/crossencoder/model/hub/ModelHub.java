package dev.crossencoder.model.hub;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.model.hub.HubException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client of the Hugging Face hub or of a mirror, with the cache. Thread-safe; several class
 * loaders and processes may share the cache. All methods block.
 */
public final class ModelHub {
  private static final Logger LOG = LoggerFactory.getLogger(ModelHub.class);

  private final HubSettings settings;
  private final HubCache cache;
  private final HubApi api;

  /** Creates a client with these settings. */
  public ModelHub(HubSettings settings) {
    this(settings, Waiter.SYSTEM, new HubCache(settings.cache()));
  }

  /** For tests: {@code waiter} replaces the clock. */
  ModelHub(HubSettings settings, Waiter waiter, HubCache cache) {
    this.settings = requireNonNull(settings, "settings is null");
    this.cache = cache;
    this.api = new HubApi(settings, waiter);
  }

  /**
   * Creates a client with the settings of the environment, see {@link HubSettings#fromEnvironment}.
   *
   * @throws IllegalArgumentException if a variable has an invalid value
   */
  public static ModelHub fromEnvironment() {
    return new ModelHub(
        HubSettings.fromEnvironment(
            System.getenv(), Path.of(System.getProperty("user.home", "."))));
  }

  /** The URL of a model's page. */
  public String page(HubModelId id) {
    return settings.page(id);
  }

  /**
   * Resolves a revision to a commit. A full commit id needs no request. In offline mode, and with a
   * warning if the hub is unreachable, the commit of the last download is returned.
   *
   * @throws HubException if the revision is unknown, or neither the hub nor the cache has its
   *     commit
   */
  public HubRevision resolve(HubModelId id) throws IOException {
    if (id.isPinned()) {
      return HubRevision.known(id, id.revision());
    }
    Optional<String> remembered = cache.commit(id);
    if (settings.offline()) {
      return HubRevision.known(
          id,
          remembered.orElseThrow(
              () -> offline(id, "knows no revision %s".formatted(id.revision()))));
    }
    try {
      RepositoryListing listing = api.listing(id);
      if (!listing.repository().equals(id.repository())) {
        LOG.info("The hub calls the model {} {} now.", id.repository(), listing.repository());
      }
      if (cache
          .store(() -> CheckpointFiles.missing(id, cache.snapshot(id, listing.commit())))
          .isEmpty()) {
        cache.storeRef(id, listing.commit());
      }
      return HubRevision.listed(id, listing);
    } catch (HubException e) {
      if (remembered.isEmpty() || e.kind() == Kind.REVISION_NOT_FOUND) {
        throw e;
      }
      LOG.warn(
          "Using the commit {} of {} from the cache, because the request to the hub failed: {}",
          remembered.get(),
          id,
          e.getMessage());
      return HubRevision.cached(id, remembered.get(), e);
    }
  }

  /**
   * Downloads those files of a checkpoint that are not in the cache.
   *
   * @param listener is told of the progress, on the calling thread
   * @throws HubException if the download fails
   * @throws java.io.InterruptedIOException if the thread is interrupted
   */
  public HubSnapshot download(HubRevision revision, DownloadListener listener) throws IOException {
    requireNonNull(listener, "listener is null");
    HubModelId id = revision.id();
    String commit = revision.commit();
    Path folder = cache.snapshot(id, commit);
    String repository = revision.repository();
    Optional<RepositoryListing> listing = revision.listing();
    if (listing.isEmpty()) {
      List<String> missing = cache.store(() -> CheckpointFiles.missing(id, folder));
      if (settings.offline() && !missing.isEmpty()) {
        throw offline(id, "lacks " + String.join(", ", missing));
      }
      listing = settings.offline() ? Optional.empty() : askAgain(revision, missing.isEmpty());
      if (listing.isEmpty()) {
        return new HubSnapshot(repository, commit, folder, false);
      }
      repository = listing.get().repository();
    }
    SnapshotDownload.of(api, settings, cache, listener, id, listing.get()).run();
    cache.storeRef(id, commit);
    return new HubSnapshot(repository, commit, folder, true);
  }

  /**
   * Downloads one more file of a commit into its snapshot, unless it is there already.
   *
   * @param snapshot a snapshot from {@link #download(HubRevision, DownloadListener)}
   * @param name the path of the file in the repository
   * @return the path of the file on disk
   * @throws HubException if the download fails
   * @throws java.io.InterruptedIOException if the thread is interrupted
   */
  public Path download(HubModelId id, HubSnapshot snapshot, String name, DownloadListener listener)
      throws IOException {
    requireNonNull(listener, "listener is null");
    CheckpointFiles.checkName(id, name);
    Path file = snapshot.folder().resolve(name);
    if (!Files.isRegularFile(file)) {
      if (settings.offline()) {
        throw offline(id, "lacks " + name);
      }
      SnapshotDownload.unlisted(api, settings, cache, listener, id, snapshot.commit()).runFor(name);
    }
    return file;
  }

  /**
   * Requests the list of the commit's files. A snapshot of another client may have fewer files.
   *
   * @param enough whether the snapshot has all required files
   * @return empty if the request fails and the snapshot is enough
   */
  private Optional<RepositoryListing> askAgain(HubRevision revision, boolean enough)
      throws IOException {
    try {
      if (revision.failure().isPresent()) {
        throw revision.failure().get();
      }
      return Optional.of(api.listing(revision.id().at(revision.commit())));
    } catch (HubException e) {
      if (!enough) {
        throw e;
      }
      LOG.warn(
          "Using the cached files of the commit {} of {}, because the request for its list of files failed: {}",
          revision.commit(),
          revision.id(),
          e.getMessage());
      return Optional.empty();
    }
  }

  private HubException offline(HubModelId id, String why) {
    return new HubException(
        Kind.OFFLINE,
        "Cannot use the model %s, HF_HUB_OFFLINE is set and the cache %s %s of it. Unset HF_HUB_OFFLINE, or copy the model into that cache, or name a checkpoint or bundle folder."
            .formatted(id, cache.root(), why));
  }

  /** The models in the cache, sorted by name. */
  public List<CachedModel> cached() throws IOException {
    return new CacheContents(cache).list();
  }

  /**
   * Removes a model with all its revisions from the cache.
   *
   * @return the number of freed bytes; empty if the cache does not contain the model
   */
  public Optional<Long> remove(String repository) throws IOException {
    return new CacheContents(cache).remove(repository);
  }
}
