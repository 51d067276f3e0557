package dev.crossencoder.model.repository;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.ModelNotFoundException;
import dev.crossencoder.model.ModelUnavailableException;
import dev.crossencoder.model.Precision;
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
 * Finds the bundle of a model. A model is a bundle folder, a checkpoint folder, the name of an
 * embedded model, or the name of a model on the Hugging Face hub. Checkpoints are downloaded and
 * compiled once, into cache folders that several threads and processes may share. Thread-safe.
 */
public final class ModelRepository {
  private static final Logger LOG = LoggerFactory.getLogger(ModelRepository.class);

  private final BundleCache cache;

  /** Called for models of the hub only: invalid hub settings must not affect other models. */
  private final Supplier<ModelHub> hub;

  /** Null until a model of the hub is asked for. */
  private ModelHub opened;

  /**
   * Creates a repository with the hub settings of the environment.
   *
   * @param cache the cache folder for bundles, created when it is needed
   */
  public ModelRepository(Path cache) {
    this(new BundleCache(cache), ModelHub::fromEnvironment);
  }

  /**
   * Creates a repository.
   *
   * @param cache the cache folder for bundles, created when it is needed
   */
  public ModelRepository(Path cache, ModelHub hub) {
    this(new BundleCache(cache), () -> hub);
    requireNonNull(hub, "hub is null");
  }

  private ModelRepository(BundleCache cache, Supplier<ModelHub> hub) {
    this.cache = cache;
    this.hub = hub;
  }

  /**
   * Returns a repository with the cache of {@link BundleCache#shared} and the hub settings of the
   * environment.
   */
  public static ModelRepository shared() {
    return new ModelRepository(BundleCache.shared(), ModelHub::fromEnvironment);
  }

  private synchronized ModelHub hub() {
    if (opened == null) {
      opened = hub.get();
    }
    return opened;
  }

  /** The names of the embedded models, separated by commas. */
  public static String embeddedNames() {
    return Arrays.stream(EmbeddedCheckpoint.values())
        .map(EmbeddedCheckpoint::modelName)
        .collect(Collectors.joining(", "));
  }

  /** As {@link #resolve(String, DownloadListener)}; downloads are reported in the log only. */
  public Bundle resolve(String model) {
    return resolve(model, DownloadListener.SILENT);
  }

  /**
   * Returns the bundle of a model.
   *
   * @param model the name of an embedded model, else a bundle folder or a checkpoint folder, else
   *     {@code owner/name} or {@code owner/name@revision} of the hub
   * @param listener is told of downloads, on the calling thread
   * @throws ModelNotFoundException if there is no such model
   * @throws InvalidModelException if a checkpoint cannot be compiled, the hub does not have the
   *     model or does not allow its download, or the jar with the embedded models is not on the
   *     class path
   * @throws ModelUnavailableException if a disk, the cache or the hub fails; a retry may succeed
   */
  public Bundle resolve(String model, DownloadListener listener) {
    return resolve(model, Optional.empty(), listener, false);
  }

  /**
   * Returns the bundle of a model with a precision. A checkpoint is compiled to that precision.
   *
   * @param model as for {@link #resolve(String, DownloadListener)}
   * @param precision {@link Precision#INT8} gives a bundle for ONNX Runtime, the others one for
   *     libtorch
   * @param listener is told of downloads, on the calling thread
   * @throws InvalidModelException also if the model is a bundle of another precision, or its
   *     architecture cannot be compiled to this one
   */
  public Bundle resolve(String model, Precision precision, DownloadListener listener) {
    return resolve(model, Optional.of(precision), listener, false);
  }

  /**
   * Returns the bundle to which a model leads now. A branch of the hub leads to the commit that the
   * hub names, and never to an earlier one in the cache, unless HF_HUB_OFFLINE is set. If the
   * branch has not moved since this repository asked last, the hub sends no listing.
   *
   * @param model as for {@link #resolve(String, DownloadListener)}
   * @param precision as for {@link #resolve(String, Precision, DownloadListener)}; empty for the
   *     model's own
   * @throws ModelUnavailableException also if the hub cannot be asked
   */
  public Bundle resolveNow(String model, Optional<Precision> precision) {
    return resolve(model, precision, DownloadListener.SILENT, true);
  }

  private Bundle resolve(
      String model, Optional<Precision> precision, DownloadListener listener, boolean now) {
    requireNonNull(model, "model is null");
    requireNonNull(listener, "listener is null");
    return translating(
        model,
        () -> {
          Optional<EmbeddedCheckpoint> embedded = EmbeddedCheckpoint.find(model);
          if (embedded.isPresent()) {
            return embedded(embedded.get(), precision);
          }
          Optional<Path> folder = folder(model);
          if (folder.isPresent()) {
            return inFolder(folder.get(), precision);
          }
          return onHub(hubModel(model), precision, listener, now);
        });
  }

  /**
   * Returns a builder for a bundle of a checkpoint.
   *
   * @param checkpoint a checkpoint folder, else {@code owner/name} or {@code owner/name@revision}
   *     of the hub, which is downloaded
   * @param listener is told of downloads, on the calling thread
   * @throws ModelNotFoundException if there is no such checkpoint
   * @throws InvalidModelException if the hub does not have the checkpoint or does not allow its
   *     download
   * @throws ModelUnavailableException if a disk, the cache or the hub fails; a retry may succeed
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
          ModelHub models = hub();
          return builder(id, models.page(id), models.download(models.resolve(id), listener));
        });
  }

  /**
   * Returns a builder for a bundle of an ONNX model file in a checkpoint.
   *
   * @param checkpoint as for {@link #builder}
   * @param onnxFile the path of the file in the checkpoint, such as {@code onnx/model_O3.onnx}
   * @param listener is told of downloads, on the calling thread
   * @throws ModelNotFoundException if there is no such checkpoint
   * @throws InvalidModelException if the hub does not have the checkpoint or the file, or does not
   *     allow its download
   * @throws ModelUnavailableException if a disk, the cache or the hub fails; a retry may succeed
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
          ModelHub models = hub();
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
   * Throws if it is unknown whether the folder exists: a parent folder may be without permission,
   * or its file system may be gone.
   */
  private static void checkVisible(Path folder) {
    if (!folder.isAbsolute() || Files.exists(folder) || Files.notExists(folder)) {
      return;
    }
    try {
      Files.readAttributes(folder, BasicFileAttributes.class);
    } catch (IOException e) {
      throw new ModelUnavailableException(
          "Cannot access the model %s as the user %s: %s. Give that user read and search permission on the folder and on all above it, or mount it again."
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

  private Bundle inFolder(Path folder, Optional<Precision> precision) throws IOException {
    if (Files.isRegularFile(folder.resolve(BundleManifest.FILE))) {
      Bundle bundle = Bundle.read(folder);
      precision.ifPresent(wanted -> check(bundle, wanted));
      return bundle;
    }
    // Before the cache lookup: the cache may have a bundle of the same weights without the adapter.
    Adapters.refuse(folder);
    if (Files.isRegularFile(folder.resolve(CheckpointConfig.FILE))) {
      return checkpoint(folder, precision);
    }
    checkReadable(folder);
    throw new ModelNotFoundException(
        "Cannot use the folder %s as a model, it has neither %s (a bundle) nor %s (a checkpoint)."
            .formatted(folder, BundleManifest.FILE, CheckpointConfig.FILE));
  }

  private static void check(Bundle bundle, Precision wanted) {
    String dtype = bundle.manifest().dtype();
    if (!dtype.equals(wanted.dtype())) {
      throw new InvalidModelException(
          "Cannot use the bundle %s with the precision %s, its weights are %s. Build one with 'cross-encoder build --precision %s', name the checkpoint instead of the bundle, or leave the precision out."
              .formatted(bundle.folder(), wanted.key(), dtype, wanted.key()));
    }
  }

  /** Adds the precision to the identity of a checkpoint's content in the cache. */
  private static String content(String checkpoint, Optional<Precision> precision) {
    return precision
        .filter(chosen -> chosen != Precision.FP32)
        .map(chosen -> checkpoint + "\nprecision " + chosen.key())
        .orElse(checkpoint);
  }

  private Bundle embedded(EmbeddedCheckpoint embedded, Optional<Precision> precision)
      throws IOException {
    String name = embedded.modelName();
    return cache.findOrBuild(
        name,
        content(embedded.digest(), precision),
        target -> {
          Path checkpoint = Files.createTempDirectory(cache.folder(), ".checkpoint-");
          try {
            embedded.copyTo(checkpoint);
            BundleBuilder builder =
                BundleBuilder.fromCheckpoint(checkpoint).name(name).source("embedded:" + name);
            precision.ifPresent(builder::precision);
            builder.build(target);
          } finally {
            Folders.deleteIfExists(checkpoint);
          }
        });
  }

  private Bundle checkpoint(Path folder, Optional<Precision> precision) throws IOException {
    BundleBuilder builder = BundleBuilder.fromCheckpoint(folder);
    precision.ifPresent(builder::precision);
    Path name = folder.toAbsolutePath().normalize().getFileName();
    return cache.findOrBuild(
        name == null ? "model" : name.toString(),
        content(BundleBuilder.revision(folder), precision),
        builder.activationChosenLater()::build);
  }

  /**
   * Parses the name of a model on the hub. A name that is clearly a path is not looked up on the
   * hub, because the folder may be missing only for now.
   */
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

  /** Names of the catalog that may be meant; empty if the catalog has the name itself. */
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

  /**
   * Returns the bundle of a model on the hub. The commit identifies the content, so a cached bundle
   * is found without reading or downloading the checkpoint.
   */
  private Bundle onHub(
      HubModelId id, Optional<Precision> precision, DownloadListener listener, boolean now)
      throws IOException {
    ModelHub models = hub();
    HubRevision revision = models.resolve(id);
    if (now && revision.failure().isPresent()) {
      throw revision.failure().get();
    }
    String source = models.page(id);
    String content = content(source + '\n' + revision.commit(), precision);
    Optional<Bundle> cached = cache.find(id.repository(), content);
    if (cached.isPresent()) {
      return cached.get();
    }
    HubSnapshot snapshot = models.download(revision, listener);
    if (!snapshot.listed()) {
      // Without a list of the repository files may be missing, so the names are part of the key.
      content += "\n" + Folders.fileNames(snapshot.folder());
    }
    BundleBuilder builder = builder(id, source, snapshot).activationChosenLater();
    precision.ifPresent(builder::precision);
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
      // Without a token, the hub answers "unauthorized" for unknown names too.
      message += suggestion(model);
    }
    return e.kind().mayHeal()
        ? new ModelUnavailableException(message, e)
        : new InvalidModelException(message, e);
  }

  /** An action whose checked exceptions {@link #translating} translates. */
  @FunctionalInterface
  private interface Preparation<T> {
    T run() throws IOException;
  }
}
