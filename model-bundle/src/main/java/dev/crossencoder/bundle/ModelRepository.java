package dev.crossencoder.bundle;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the bundle of what a user names as a model: a bundle folder, a checkpoint folder, or the
 * name of an embedded model. What has to be compiled first is compiled once into a cache folder,
 * which any number of threads and processes may share.
 */
public final class ModelRepository {
  /**
   * System property and, in upper case with underscores, environment variable of the cache folder.
   */
  static final String CACHE_PROPERTY = "cross-encoder.cache";

  private static final String CACHE_VARIABLE = "CROSS_ENCODER_CACHE";
  private static final Logger LOG = LoggerFactory.getLogger(ModelRepository.class);

  /** File locks are held by the process, so its threads need one of their own. */
  private static final Lock PROCESS_LOCK = new ReentrantLock();

  private static final long LOCK_POLL_NANOS = 50_000_000;

  private final Path cache;

  /** Uses a cache folder, which is created when it is needed. */
  public ModelRepository(Path cache) {
    this.cache = requireNonNull(cache, "cache is null");
  }

  /**
   * Uses the folder that the system property {@code cross-encoder.cache} or the environment
   * variable {@code CROSS_ENCODER_CACHE} names, else {@code ~/.cache/cross-encoder}, else one among
   * the temporary files if that cannot be written.
   */
  public static ModelRepository shared() {
    return new ModelRepository(defaultCache());
  }

  private static Path defaultCache() {
    String configured = System.getProperty(CACHE_PROPERTY, System.getenv(CACHE_VARIABLE));
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

  /** The names of the embedded models. */
  public static String embeddedNames() {
    return Arrays.stream(EmbeddedCheckpoint.values())
        .map(EmbeddedCheckpoint::modelName)
        .collect(Collectors.joining(", "));
  }

  /**
   * Returns the bundle of a model.
   *
   * @param model a bundle folder, a checkpoint folder, or an embedded model's name
   * @throws ModelNotFoundException if it is none of these
   * @throws InvalidModelException if a checkpoint cannot be compiled
   */
  public Bundle resolve(String model) {
    requireNonNull(model, "model is null");
    try {
      Optional<EmbeddedCheckpoint> embedded = EmbeddedCheckpoint.find(model);
      if (embedded.isPresent()) {
        return embedded(embedded.get());
      }
      Path folder = folder(model);
      if (Files.isRegularFile(folder.resolve(BundleManifest.FILE))) {
        return Bundle.read(folder);
      }
      if (Files.isRegularFile(folder.resolve(BundleBuilder.CONFIG))) {
        return checkpoint(folder);
      }
      throw new ModelNotFoundException(
          "Cannot use the folder %s as a model, it has neither %s (a bundle) nor %s (a checkpoint)."
              .formatted(folder, BundleManifest.FILE, BundleBuilder.CONFIG));
    } catch (IOException e) {
      throw new ModelUnavailableException(
          "Cannot prepare the model %s in the cache %s: %s. The cache must be writable; set %s or -D%s to another folder."
              .formatted(model, cache, e, CACHE_VARIABLE, CACHE_PROPERTY),
          e);
    }
  }

  private static Path folder(String model) {
    try {
      Path folder = Path.of(model);
      if (!model.isBlank() && Files.isDirectory(folder)) {
        return folder;
      }
    } catch (InvalidPathException e) {
      LOG.debug("Not a path: {}", model, e);
    }
    throw new ModelNotFoundException(
        "Cannot find the model %s. It must be a bundle folder, a checkpoint folder, or one of %s."
            .formatted(model, embeddedNames()));
  }

  private Bundle embedded(EmbeddedCheckpoint embedded) throws IOException {
    String name = embedded.modelName();
    return cached(
        name,
        embedded.digest(),
        target -> {
          Path checkpoint = Files.createTempDirectory(cache, ".checkpoint-");
          try {
            embedded.copyTo(checkpoint);
            BundleBuilder.fromCheckpoint(checkpoint)
                .name(name)
                .source("embedded:" + name)
                .build(target);
          } finally {
            Folders.deleteIfExists(checkpoint);
          }
        });
  }

  private Bundle checkpoint(Path folder) throws IOException {
    BundleBuilder builder = BundleBuilder.fromCheckpoint(folder);
    Path name = folder.toAbsolutePath().normalize().getFileName();
    return cached(
        name == null ? "model" : name.toString(), BundleBuilder.revision(folder), builder::build);
  }

  /** The key covers all that a bundle depends on: an entry is never out of date. */
  private Bundle cached(String name, String content, Build build) throws IOException {
    StringBuilder key = new StringBuilder();
    key.append(BundleManifest.FORMAT_VERSION).append('\n');
    key.append(BundleBuilder.COMPILER_VERSION).append('\n').append(content).append('\n');
    key.append(name).append('\n');
    Architectures.ALL.forEach(architecture -> key.append(architecture.program().text()));
    String digest = Digests.ofBytes(key.toString().getBytes(StandardCharsets.UTF_8));
    Path bundle = cache.resolve(name + "-" + digest.substring(0, 16));
    if (!Files.isDirectory(bundle)) {
      Files.createDirectories(cache);
      underLock(
          () -> {
            if (!Files.isDirectory(bundle)) {
              LOG.info("Compiling the model {} into {}", name, bundle);
              build.into(bundle);
            }
          });
    }
    return Bundle.read(bundle);
  }

  private void underLock(Action action) throws IOException {
    PROCESS_LOCK.lock();
    try (FileChannel channel =
        FileChannel.open(
            cache.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      lock(channel);
      action.run();
    } finally {
      PROCESS_LOCK.unlock();
    }
  }

  /** Waits for the file's lock, which closing the channel gives back. */
  private static void lock(FileChannel channel) throws IOException {
    while (true) {
      try {
        channel.lock();
        return;
      } catch (OverlappingFileLockException e) {
        // This class, loaded by another class loader of the process, holds it.
        LockSupport.parkNanos(LOCK_POLL_NANOS);
        if (Thread.currentThread().isInterrupted()) {
          throw new InterruptedIOException("interrupted while waiting for its lock");
        }
      }
    }
  }

  @FunctionalInterface
  private interface Build {
    void into(Path bundle) throws IOException;
  }

  @FunctionalInterface
  private interface Action {
    void run() throws IOException;
  }
}
