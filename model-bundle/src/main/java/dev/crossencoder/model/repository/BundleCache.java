package dev.crossencoder.model.repository;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.BundleManifest;
import dev.crossencoder.model.compiler.BundleBuilder;
import dev.crossencoder.model.compiler.architecture.Architectures;
import dev.crossencoder.model.io.Digests;
import dev.crossencoder.model.io.Folders;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cache folder with bundles that were compiled from checkpoints. Thread-safe. Several processes
 * may share the folder.
 */
public final class BundleCache {
  /**
   * The system property with the cache folder. {@link #VARIABLE} is the environment variable for
   * the same purpose.
   */
  static final String PROPERTY = "cross-encoder.cache";

  static final String VARIABLE = "CROSS_ENCODER_CACHE";

  private static final Logger LOG = LoggerFactory.getLogger(BundleCache.class);

  /** A file lock belongs to the whole process, so the threads of a process need their own lock. */
  private static final Lock PROCESS_LOCK = new ReentrantLock();

  private static final long LOCK_POLL_NANOS = 50_000_000;

  private final Path folder;

  /**
   * Creates a cache.
   *
   * @param folder created when the first bundle is compiled
   */
  public BundleCache(Path folder) {
    this.folder = requireNonNull(folder, "folder is null");
  }

  /**
   * Returns the cache in the folder that the system property {@code cross-encoder.cache} or the
   * environment variable {@code CROSS_ENCODER_CACHE} names. The default is {@code
   * ~/.cache/cross-encoder}, or a folder in the temporary directory if that is not writable.
   */
  public static BundleCache shared() {
    return new BundleCache(defaultFolder());
  }

  private static Path defaultFolder() {
    String configured = System.getProperty(PROPERTY, System.getenv(VARIABLE));
    if (configured != null && !configured.isBlank()) {
      return Path.of(configured);
    }
    Path home = Path.of(System.getProperty("user.home", "."));
    Path cache = home.resolve(".cache").resolve("cross-encoder");
    if (Files.isWritable(Files.isDirectory(cache) ? cache : home)) {
      return cache;
    }
    String user = System.getProperty("user.name", "user");
    return Path.of(System.getProperty("java.io.tmpdir"), "cross-encoder-" + user);
  }

  /** The folder. */
  public Path folder() {
    return folder;
  }

  /** Returns the bundle of a checkpoint if it is in the cache. */
  Optional<Bundle> find(String name, String content) {
    Path bundle = entry(name, content);
    return Files.isDirectory(bundle) ? Optional.of(Bundle.read(bundle)) : Optional.empty();
  }

  /**
   * Returns the bundle of a checkpoint; compiles it if it is not in the cache.
   *
   * @param name the name of the model
   * @param content the identity of the checkpoint's content
   */
  Bundle findOrBuild(String name, String content, Build build) throws IOException {
    Path bundle = entry(name, content);
    if (!Files.isDirectory(bundle)) {
      makeFolder();
      locked(
          () -> {
            if (!Files.isDirectory(bundle)) {
              LOG.info("Compiling the model {} into {}", name, bundle);
              build.into(bundle);
            }
          });
    }
    return Bundle.read(bundle);
  }

  /** Creates the folder. {@code createDirectories} alone fails if it is a symbolic link. */
  void makeFolder() throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder);
    }
  }

  /**
   * The folder of a bundle. Its name depends on all inputs of the compiler, so it is never stale.
   */
  private Path entry(String name, String content) {
    StringBuilder key = new StringBuilder();
    key.append(BundleManifest.FORMAT_VERSION).append('\n');
    key.append(BundleBuilder.COMPILER_VERSION).append('\n').append(content).append('\n');
    key.append(name).append('\n');
    Architectures.ALL.forEach(architecture -> key.append(architecture.program().text()));
    String digest = Digests.ofBytes(key.toString().getBytes(StandardCharsets.UTF_8));
    return folder.resolve(name.replace("/", "--") + "-" + digest.substring(0, 16));
  }

  /** Returns all bundles, sorted by name, including those of older releases. */
  public List<CachedBundle> list() throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<CachedBundle> bundles = new ArrayList<>();
    try (Stream<Path> children = Files.list(folder)) {
      for (Path child : children.sorted().toList()) {
        if (Files.isRegularFile(child.resolve(BundleManifest.FILE))) {
          bundles.add(CachedBundle.of(child));
        }
      }
    }
    return bundles;
  }

  /**
   * Removes a bundle. Models that were opened from it stay usable.
   *
   * @param bundle a bundle from {@link #list}
   * @throws IllegalArgumentException if the bundle is not in this cache
   */
  public void remove(CachedBundle bundle) throws IOException {
    Path path = bundle.folder();
    if (!folder.equals(path.getParent())) {
      throw new IllegalArgumentException(
          "Invalid bundle: %s. It must be one in %s.".formatted(path, folder));
    }
    locked(
        () -> {
          if (Files.isDirectory(path)) {
            // Move first: the move is atomic, so nobody sees a part of the bundle.
            Path removed = folder.resolve(".removing-" + UUID.randomUUID());
            Files.move(path, removed, StandardCopyOption.ATOMIC_MOVE);
            Folders.deleteIfExists(removed);
          }
        });
  }

  private void locked(Action action) throws IOException {
    try {
      // Interruptible, because another thread may compile for minutes.
      PROCESS_LOCK.lockInterruptibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted =
          new InterruptedIOException("interrupted while waiting for its lock");
      interrupted.initCause(e);
      throw interrupted;
    }
    try (FileChannel channel =
        FileChannel.open(
            folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      lock(channel);
      action.run();
    } finally {
      PROCESS_LOCK.unlock();
    }
  }

  /** Waits for the lock of the file; closing the channel releases it. */
  private static void lock(FileChannel channel) throws IOException {
    while (true) {
      try {
        channel.lock();
        return;
      } catch (OverlappingFileLockException e) {
        // The same class in another class loader of this process holds the lock.
        LockSupport.parkNanos(LOCK_POLL_NANOS);
        if (Thread.currentThread().isInterrupted()) {
          throw new InterruptedIOException("interrupted while waiting for its lock");
        }
      }
    }
  }

  @FunctionalInterface
  interface Build {
    void into(Path bundle) throws IOException;
  }

  @FunctionalInterface
  private interface Action {
    void run() throws IOException;
  }
}
