package dev.crossencoder.model.hub;

import dev.crossencoder.model.hub.HubException.Kind;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileStore;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cache folder. Its layout is that of the hub's Python client, which may use the same folder:
 *
 * <pre>
 * models--owner--name/blobs/&lt;content id&gt;         content of files
 * models--owner--name/blobs/&lt;content id&gt;.cross-encoder.incomplete
 *                                                   partial download
 * models--owner--name/refs/&lt;revision&gt;            the commit of a branch or tag
 * models--owner--name/snapshots/&lt;commit&gt;/&lt;file&gt;  link to a blob; folders as in the
 *                                                   repository
 * .locks/models--owner--name/                       lock files
 * </pre>
 */
final class HubCache {
  static final String PREFIX = "models--";

  /**
   * The suffix of partial downloads. It differs from that of the Python client, which appends to
   * its partial files under a lock that Java cannot take.
   */
  static final String INCOMPLETE = ".cross-encoder.incomplete";

  private static final Logger LOG = LoggerFactory.getLogger(HubCache.class);
  private static final String LOCK = "cross-encoder.lock";

  private final Path root;
  private final Linker linker;

  HubCache(Path root) {
    this(root, Files::createSymbolicLink);
  }

  /** For tests: {@code linker} creates the links. */
  HubCache(Path root, Linker linker) {
    this.root = root;
    this.linker = linker;
  }

  Path root() {
    return root;
  }

  Path folder(String repository) {
    return root.resolve(PREFIX + repository.replace("/", "--"));
  }

  Path snapshot(HubModelId id, String commit) {
    return folder(id.repository()).resolve("snapshots").resolve(commit);
  }

  Path blob(HubModelId id, String name) {
    return folder(id.repository()).resolve("blobs").resolve(name);
  }

  private Path ref(HubModelId id) {
    return folder(id.repository()).resolve("refs").resolve(id.revision());
  }

  /** The commit of the revision when it was last downloaded. */
  Optional<String> commit(HubModelId id) {
    return commit(ref(id));
  }

  /** Reads the commit from the file of a branch or tag; empty if there is none. */
  static Optional<String> commit(Path ref) {
    try {
      return Files.isRegularFile(ref)
          ? Optional.of(Files.readString(ref).strip()).filter(HubModelId::isCommit)
          : Optional.empty();
    } catch (IOException e) {
      LOG.warn("Cannot read {}: {}", ref, e.toString());
      return Optional.empty();
    }
  }

  /** Stores the commit of the revision, for times when the hub is unreachable. */
  void storeRef(HubModelId id, String commit) {
    if (id.isPinned() || commit(id).filter(commit::equals).isPresent()) {
      return;
    }
    Path ref = ref(id);
    try {
      makeFolder(ref.getParent());
      Path temporary = temporary(ref);
      Files.writeString(temporary, commit);
      Files.move(temporary, ref, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      // The cache may be read-only and still contain all files.
      LOG.warn("Cannot write {}: {}", ref, e.toString());
    }
  }

  /** Runs an action while it holds the lock of the model. */
  <T> T locked(HubModelId id, Action<T> action) throws IOException {
    Path file = root.resolve(".locks").resolve(folder(id.repository()).getFileName()).resolve(LOCK);
    CacheLock lock =
        store(
            () -> {
              makeFolder(file.getParent());
              return CacheLock.acquire(file);
            });
    try {
      return action.run();
    } finally {
      lock.close();
    }
  }

  /**
   * Adds a blob to a snapshot as a file, in one atomic step: as a link, or by moving the blob if
   * the file system has no links.
   *
   * @param blob the path of the blob
   * @param file the path of the file in the snapshot
   */
  void addToSnapshot(Path blob, Path file) throws IOException {
    store(
        () -> {
          makeFolder(file.getParent());
          Path temporary = temporary(file);
          try {
            linker.link(temporary, file.getParent().relativize(blob));
          } catch (FileSystemException | UnsupportedOperationException e) {
            LOG.info("Cannot create links in {}, so the files themselves are stored there.", root);
            LOG.debug("Cannot link {}", file, e);
            Files.move(blob, temporary, StandardCopyOption.REPLACE_EXISTING);
          }
          Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
          return null;
        });
  }

  private static Path temporary(Path file) {
    return file.resolveSibling("." + file.getFileName() + "-" + UUID.randomUUID());
  }

  /**
   * Checks that the disk has enough free space for a download.
   *
   * @throws HubException if it has not
   */
  void checkSpace(long bytes) throws IOException {
    store(
        () -> {
          makeFolder(root);
          FileStore store = Files.getFileStore(root);
          // Some network file systems report a size of 0.
          if (store.getTotalSpace() > 0 && store.getUsableSpace() < bytes) {
            throw noSpace(
                "%d MB are needed and %d MB are free"
                    .formatted(megabytes(bytes), megabytes(store.getUsableSpace())),
                null);
          }
          return null;
        });
  }

  private static long megabytes(long bytes) {
    return (bytes + 999_999) / 1_000_000;
  }

  /**
   * Runs an action on files of the cache. Errors become exceptions that say what the user can do.
   */
  <T> T store(Action<T> action) throws IOException {
    try {
      return action.run();
    } catch (HubException | InterruptedIOException e) {
      throw e;
    } catch (ClosedByInterruptException e) {
      InterruptedIOException interrupted =
          new InterruptedIOException("interrupted while using the cache");
      interrupted.initCause(e);
      throw interrupted;
    } catch (IOException e) {
      String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
      if (message.contains("no space") || message.contains("quota")) {
        throw noSpace(e.getMessage(), e);
      }
      throw new HubException(
          Kind.CACHE,
          "Cannot use the Hugging Face cache %s: %s. It must be writable; set HF_HOME (or HF_HUB_CACHE) to another folder."
              .formatted(root, e),
          e);
    }
  }

  private HubException noSpace(String why, Throwable cause) {
    return new HubException(
        Kind.NO_SPACE,
        "Cannot download into the Hugging Face cache %s, its disk is full: %s. Free space ('cross-encoder cache list' lists what is cached), or set HF_HOME (or HF_HUB_CACHE) to another disk."
            .formatted(root, why),
        cause);
  }

  /** Creates a folder. {@code createDirectories} alone fails if it is a symbolic link. */
  static Path makeFolder(Path folder) throws IOException {
    return Files.isDirectory(folder) ? folder : Files.createDirectories(folder);
  }

  @FunctionalInterface
  interface Linker {
    void link(Path link, Path target) throws IOException;
  }

  @FunctionalInterface
  interface Action<T> {
    T run() throws IOException;
  }
}
