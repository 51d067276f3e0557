package dev.crossencoder.model.repository;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.ModelNotFoundException;
import dev.crossencoder.model.ModelUnavailableException;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.BundleManifest;
import dev.crossencoder.model.catalog.ModelCatalog;
import dev.crossencoder.model.compiler.BundleBuilder;
import dev.crossencoder.model.compiler.OnnxModelFile;
import dev.crossencoder.model.compiler.checkpoint.Adapters;
import dev.crossencoder.model.compiler.checkpoint.CheckpointConfig;
import dev.crossencoder.model.hub.DownloadListener;
import dev.crossencoder.model.hub.HubException;
import dev.crossencoder.model.hub.HubModelId;
import dev.crossencoder.model.hub.HubRevision;
import dev.crossencoder.model.hub.HubSnapshot;
import dev.crossencoder.model.hub.ModelHub;
import dev.crossencoder.model.io.Folders;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the bundle of what a user names as a model: a bundle folder, a checkpoint folder, the name
 * of an embedded model, or that of a model on the Hugging Face hub. What has to be downloaded or
 * compiled first is so once, into cache folders that any number of threads and processes may share.
 */
public final class ModelRepository {
  private static final Logger LOG = LoggerFactory.getLogger(ModelRepository.class);

  private final BundleCache cache;

  /** Asked only for models of the hub: what is wrong with its settings must not stop others. */
  private final Supplier<ModelHub> hub;

  /** Uses a cache folder, which is created when it is needed, and the hub of the environment. */
  public ModelRepository(Path cache) {
    this(new BundleCache(cache), ModelHub::fromEnvironment);
  }

  /** Uses a cache folder, which is created when it is needed, and a hub. */
  public ModelRepository(Path cache, ModelHub hub) {
    this(new BundleCache(cache), () -> hub);
    requireNonNull(hub, "hub is null");
  }

  private ModelRepository(BundleCache cache, Supplier<ModelHub> hub) {
    this.cache = cache;
    this.hub = hub;
  }

  /** Uses the cache of {@link BundleCache#shared} and the hub of the environment. */
  public static ModelRepository shared() {
    return new ModelRepository(BundleCache.shared(), ModelHub::fromEnvironment);
  }

  /** The names of the embedded models. */
  public static String embeddedNames() {
    return Arrays.stream(EmbeddedCheckpoint.values())
        .map(EmbeddedCheckpoint::modelName)
        .collect(Collectors.joining(", "));
  }

  /** As {@link #resolve(String, DownloadListener)}; a download is seen in the log alone. */
  public Bundle resolve(String model) {
    return resolve(model, DownloadListener.SILENT);
  }

  /**
   * Returns the bundle of a model.
   *
   * @param model an embedded model's name, else a bundle folder or a checkpoint folder, else {@code
   *     owner/name} or {@code owner/name@revision} of the hub
   * @param listener hears of downloads, in this thread
   * @throws ModelNotFoundException if it is none of these
   * @throws InvalidModelException if a checkpoint cannot be compiled, the hub does not have or does
   *     not give it, or the jar with the embedded models is not on the class path
   * @throws ModelUnavailableException if it cannot be had just now
   */
  public Bundle resolve(String model, DownloadListener listener) {
    requireNonNull(model, "model is null");
    requireNonNull(listener, "listener is null");
    return translating(
        model,
        () -> {
          Optional<EmbeddedCheckpoint> embedded = EmbeddedCheckpoint.find(model);
          if (embedded.isPresent()) {
            return embedded(embedded.get());
          }
          Optional<Path> folder = folder(model);
          if (folder.isPresent()) {
            return inFolder(folder.get());
          }
          return onHub(hubModel(model), listener);
        });
  }

  /**
   * Starts a bundle of a checkpoint.
   *
   * @param checkpoint a checkpoint folder, else {@code owner/name} or {@code owner/name@revision}
   *     of the hub, which is downloaded
   * @param listener hears of downloads, in this thread
   * @throws ModelNotFoundException if it is neither
   * @throws InvalidModelException if the hub does not have or does not give it
   * @throws ModelUnavailableException if it cannot be had just now
   */
  public BundleBuilder builder(String checkpoint, DownloadListener listener) {
    requireNonNull(checkpoint, "checkpoint is null");
    requireNonNull(listener, "listener is null");
    return translating(
        checkpoint,
        () -> {
          Optional<Path> folder = folder(checkpoint);
          if (folder.isPresent()) {
            return BundleBuilder.fromCheckpoint(folder.get());
          }
          HubModelId id = hubModel(checkpoint);
          ModelHub models = hub.get();
          return builder(id, models.page(id), models.download(models.resolve(id), listener));
        });
  }

  /**
   * Starts a bundle of an ONNX file of a checkpoint.
   *
   * @param checkpoint as for {@link #builder}
   * @param onnxFile the file's name inside the checkpoint: {@code onnx/model_O3.onnx}
   * @param listener hears of downloads, in this thread
   * @throws ModelNotFoundException if the checkpoint is neither a folder nor a name of the hub
   * @throws InvalidModelException if the hub does not have or does not give it, or the file
   * @throws ModelUnavailableException if it cannot be had just now
   */
  public BundleBuilder onnxBuilder(String checkpoint, String onnxFile, DownloadListener listener) {
    requireNonNull(checkpoint, "checkpoint is null");
    requireNonNull(onnxFile, "onnxFile is null");
    requireNonNull(listener, "listener is null");
    return translating(
        checkpoint,
        () -> {
          Optional<Path> folder = folder(checkpoint);
          if (folder.isPresent()) {
            return BundleBuilder.fromCheckpoint(folder.get()).onnxFile(onnxFile);
          }
          HubModelId id = hubModel(checkpoint);
          ModelHub models = hub.get();
          HubSnapshot snapshot = models.download(models.resolve(id), listener);
          Path file = models.download(id, snapshot, onnxFile, listener);
          for (String data : OnnxModelFile.read(file).dataFiles()) {
            models.download(id, snapshot, sibling(onnxFile, data), listener);
          }
          return builder(id, models.page(id), snapshot).onnxFile(onnxFile);
        });
  }

  private static String sibling(String file, String name) {
    return file.substring(0, file.lastIndexOf('/') + 1) + name;
  }

  private <T> T translating(String model, Preparation<T> preparation) {
    try {
      return preparation.run();
    } catch (HubException e) {
      throw translate(model, e);
    } catch (InterruptedIOException e) {
      throw new ModelUnavailableException(
          "Cannot prepare the model %s: %s.".formatted(model, e.getMessage()), e);
    } catch (IOException e) {
      throw new ModelUnavailableException(
          "Cannot prepare the model %s in the cache %s: %s. The cache must be writable; set %s or -D%s to another folder."
              .formatted(model, cache.folder(), e, BundleCache.VARIABLE, BundleCache.PROPERTY),
          e);
    }
  }

  private static Optional<Path> folder(String model) {
    try {
      Path folder = Path.of(model);
      if (model.isBlank() || !Files.isDirectory(folder)) {
        checkVisible(folder);
        return Optional.empty();
      }
      return Optional.of(folder);
    } catch (InvalidPathException e) {
      LOG.debug("Not a path: {}", model, e);
      return Optional.empty();
    }
  }

  /**
   * A path that leads through a folder without permission, or to a file system that has gone, looks
   * like one where nothing is.
   */
  private static void checkVisible(Path folder) {
    if (!folder.isAbsolute() || Files.exists(folder) || Files.notExists(folder)) {
      return;
    }
    try {
      Files.readAttributes(folder, BasicFileAttributes.class);
    } catch (IOException e) {
      throw new ModelUnavailableException(
          "Cannot look at the model %s as the user %s: %s. Give that user read and search permission on the folder and on all above it, or mount it again."
              .formatted(folder, System.getProperty("user.name"), e),
          e);
    }
  }

  private static void checkReadable(Path folder) {
    if (!Files.isReadable(folder) || !Files.isExecutable(folder)) {
      throw new ModelUnavailableException(
          "Cannot read the model folder %s as the user %s. Give that user read and search permission on it."
              .formatted(folder, System.getProperty("user.name")));
    }
  }

  private Bundle inFolder(Path folder) throws IOException {
    if (Files.isRegularFile(folder.resolve(BundleManifest.FILE))) {
      return Bundle.read(folder);
    }
    // Before the cache is asked: what it has may be of the same weights alone.
    Adapters.refuse(folder);
    if (Files.isRegularFile(folder.resolve(CheckpointConfig.FILE))) {
      return checkpoint(folder);
    }
    checkReadable(folder);
    throw new ModelNotFoundException(
        "Cannot use the folder %s as a model, it has neither %s (a bundle) nor %s (a checkpoint)."
            .formatted(folder, BundleManifest.FILE, CheckpointConfig.FILE));
  }

  private Bundle embedded(EmbeddedCheckpoint embedded) throws IOException {
    String name = embedded.modelName();
    return cache.findOrBuild(
        name,
        embedded.digest(),
        target -> {
          Path checkpoint = Files.createTempDirectory(cache.folder(), ".checkpoint-");
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
    return cache.findOrBuild(
        name == null ? "model" : name.toString(),
        BundleBuilder.revision(folder),
        builder.activationChosenLater()::build);
  }

  /** What is plainly a path is not asked for on the hub: a folder may be missing just now. */
  private static HubModelId hubModel(String model) {
    String repository =
        model.substring(0, model.indexOf('@') < 0 ? model.length() : model.indexOf('@'));
    boolean path =
        model.startsWith(".")
            || model.startsWith("~")
            || model.startsWith("/")
            || model.contains("\\")
            || repository.indexOf('/') != repository.lastIndexOf('/')
            || repository.endsWith("/");
    if (!path && repository.contains("/")) {
      try {
        return HubModelId.parse(model);
      } catch (IllegalArgumentException e) {
        throw new ModelNotFoundException(notFound(model) + " " + e.getMessage());
      }
    }
    throw new ModelNotFoundException(notFound(model));
  }

  private static String notFound(String model) {
    return "Cannot find the model %s. It must be a bundle folder, a checkpoint folder, a model of the Hugging Face hub (owner/name), or one of %s."
            .formatted(model, embeddedNames())
        + suggestion(model);
  }

  /** What of the catalog may have been meant; nothing if the name is there as it is. */
  private static String suggestion(String model) {
    String name = model.split("@", 2)[0];
    if (ModelCatalog.shared().find(name).isPresent()) {
      return "";
    }
    List<String> suggestions = ModelCatalog.shared().suggestions(name);
    return suggestions.isEmpty()
        ? ""
        : " Did you mean %s?".formatted(String.join(" or ", suggestions));
  }

  /** The commit says what the content is, so nothing of it has to be read, or even be there. */
  private Bundle onHub(HubModelId id, DownloadListener listener) throws IOException {
    ModelHub models = hub.get();
    HubRevision revision = models.resolve(id);
    String source = models.page(id);
    String content = source + '\n' + revision.commit();
    Optional<Bundle> cached = cache.find(id.repository(), content);
    if (cached.isPresent()) {
      return cached.get();
    }
    HubSnapshot snapshot = models.download(revision, listener);
    if (!snapshot.listed()) {
      // Files may be missing, so the commit alone does not say what the bundle is made of.
      content += "\n" + Folders.fileNames(snapshot.folder());
    }
    BundleBuilder builder = builder(id, source, snapshot).activationChosenLater();
    return cache.findOrBuild(id.repository(), content, builder::build);
  }

  private static BundleBuilder builder(HubModelId id, String source, HubSnapshot snapshot) {
    return BundleBuilder.fromCheckpoint(snapshot.folder())
        .name(id.repository())
        .source(source)
        .revision(snapshot.commit());
  }

  private static RuntimeException translate(String model, HubException e) {
    String message = e.getMessage();
    if (e.kind() == HubException.Kind.NOT_FOUND) {
      message += " There is no folder of that name either." + suggestion(model);
    } else if (e.kind() == HubException.Kind.UNAUTHORIZED) {
      // What the hub says of a name that it does not have to someone without a token.
      message += suggestion(model);
    }
    return e.kind().mayHeal()
        ? new ModelUnavailableException(message, e)
        : new InvalidModelException(message, e);
  }

  /** What may fail for reasons that have to be told apart. */
  @FunctionalInterface
  private interface Preparation<T> {
    T run() throws IOException;
  }
}
