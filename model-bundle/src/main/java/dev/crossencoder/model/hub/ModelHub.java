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
 * The Hugging Face hub, or a mirror of it, with its cache. May be used by any number of threads,
 * class loaders and processes at once; all methods block.
 */
public final class ModelHub {
  private static final Logger LOG = LoggerFactory.getLogger(ModelHub.class);

  private final HubSettings settings;
  private final HubCache cache;
  private final HubApi api;

  /** Uses the hub that the settings name. */
  public ModelHub(HubSettings settings) {
    this(settings, Waiter.SYSTEM, new HubCache(settings.cache()));
  }

  /** Takes another way to wait and another cache. */
  ModelHub(HubSettings settings, Waiter waiter, HubCache cache) {
    this.settings = requireNonNull(settings, "settings is null");
    this.cache = cache;
    this.api = new HubApi(settings, waiter);
  }

  /**
   * Uses the hub that the environment names, see {@link HubSettings#fromEnvironment}.
   *
   * @throws IllegalArgumentException if the environment holds what cannot be used
   */
  public static ModelHub fromEnvironment() {
    return new ModelHub(
        HubSettings.fromEnvironment(
            System.getenv(), Path.of(System.getProperty("user.home", "."))));
  }

  /** The address of a model's page. */
  public String page(HubModelId id) {
    return settings.page(id);
  }

  /**
   * Finds out which commit a revision is. A commit in full needs no request; offline the answer is
   * what was downloaded last, and so it is if the hub cannot be reached, with a warning.
   *
   * @throws HubException if the revision is unknown, or the hub cannot say and the cache neither
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
        cache.remember(id, listing.commit());
      }
      return HubRevision.listed(id, listing);
    } catch (HubException e) {
      if (remembered.isEmpty() || e.kind() == Kind.REVISION_NOT_FOUND) {
        throw e;
      }
      LOG.warn(
          "Using the commit {} of {} from the cache, the hub cannot be asked: {}",
          remembered.get(),
          id,
          e.getMessage());
      return HubRevision.remembered(id, remembered.get(), e);
    }
  }

  /**
   * Brings the files of a checkpoint that the cache does not have yet.
   *
   * @param listener is called in this thread
   * @throws HubException if that is impossible
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
    cache.remember(id, commit);
    return new HubSnapshot(repository, commit, folder, true);
  }

  /**
   * Brings one more file of a commit into its snapshot, if it is not there yet.
   *
   * @param snapshot one that was downloaded
   * @param name of the file inside the repository
   * @return where it is
   * @throws HubException if that is impossible
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
   * Asks which files the commit has: another client may have needed fewer.
   *
   * @return empty if the hub cannot say, and what is there will do
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
          "Using what the cache has of the commit {} of {}, the hub cannot be asked for its files: {}",
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

  /** The models of the cache, by name. */
  public List<CachedModel> cached() throws IOException {
    return new CacheContents(cache).list();
  }

  /**
   * Removes a model with all its revisions from the cache.
   *
   * @return the bytes that became free; empty if the cache does not have the model
   */
  public Optional<Long> remove(String repository) throws IOException {
    return new CacheContents(cache).remove(repository);
  }
}
