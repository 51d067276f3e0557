package dev.crossencoder.operator;

import dev.crossencoder.model.BatchLimits;
import dev.crossencoder.model.Chunking;
import dev.crossencoder.model.Device;
import dev.crossencoder.model.DeviceOutOfMemoryException;
import dev.crossencoder.model.Evidence;
import dev.crossencoder.model.Precision;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.hub.DownloadListener;
import dev.crossencoder.model.repository.ModelRepository;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import dev.crossencoder.model.tokenizer.Truncation;
import dev.crossencoder.operator.CrossEncoderFunctionOptions.ActivationChoice;
import dev.crossencoder.operator.change.FileSystemModels;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models that are loaded in this JVM. A bundle with the same activation, maximum length,
 * truncation, prompt, batch limits, linger time and rank is loaded once per device and shared by
 * all slots and operators. It is freed when the last lease is closed. Thread-safe.
 *
 * <p>Models are resolved and loaded on separate threads and without a lock. Therefore a waiting
 * task can be cancelled, and closing a lease never waits for a load. If a load fails, all waiting
 * callers get the exception, and the next call tries again. A load continues when no caller waits
 * any more, because native code cannot be interrupted; if no caller requests the model before the
 * load ends, the model is freed. A load waits until the models that are being freed on the same
 * device are freed.
 *
 * <p>A model is warmed up before its first lease is returned. On a CPU, a model has one scoring
 * thread for each core of the slots that use it at the same time. On a GPU, it has one scoring
 * thread. The number of its tokenizer threads follows from the cores, too. All models of a device
 * share its cores ({@link DeviceCores}).
 */
final class ModelRegistry {
  /**
   * The registry of this JVM. It outlives jobs, because the runtime jars are in Flink's {@code
   * lib}.
   */
  static final ModelRegistry SHARED =
      new ModelRegistry(ModelRegistry::resolveShared, Loader.CROSS_ENCODER);

  private static final Logger LOG = LoggerFactory.getLogger(ModelRegistry.class);

  /** The passes that run on a GPU at the same time; each uses all of it. */
  private static final int CORES_OF_A_GPU = 1;

  private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(5);

  /**
   * Several times the close deadline. If this is not enough and the load runs out of memory, the
   * restart strategy tries again.
   */
  private static final Duration LONGEST_WAIT_FOR_CLOSING = CLOSE_DEADLINE.multipliedBy(4);

  private final Resolver resolver;
  private final Loader loader;
  private final SharedWork<ModelName, Bundle> resolving =
      new SharedWork<>("cross-encoder-resolver");
  private final DeviceLeases devices = new DeviceLeases();
  private final Map<String, DeviceCores> cores = new HashMap<>();
  private final Map<Key, Entry> entries = new HashMap<>();
  private final Set<Closing> closings = new HashSet<>();

  /**
   * What a bundle is resolved by.
   *
   * @param precision null for the model's own
   */
  private record ModelName(String model, Precision precision) {
    @Override
    public String toString() {
      return precision == null ? model : model + " as " + precision.key();
    }
  }

  /** The properties in which two uses of a loaded model must agree. */
  private record Key(
      String digest,
      String device,
      ActivationChoice activation,
      Optional<Integer> maxLength,
      Truncation truncation,
      Optional<String> prompt,
      Optional<String> promptName,
      Optional<Chunking> chunking,
      Evidence evidence,
      BatchLimits limits,
      Duration linger,
      boolean allowSlow,
      long cacheBytes,
      boolean background) {
    static Key of(Bundle bundle, ScoringConfig config, String device) {
      return new Key(
          bundle.digest(),
          device,
          activationOf(bundle, config),
          Optional.ofNullable(config.text().maxLength()),
          config.text().truncation(),
          Optional.ofNullable(config.text().prompt()),
          Optional.ofNullable(config.text().promptName()),
          config.text().longDocument().chunking(),
          config.text().longDocument().evidence(),
          config.limits(device),
          config.batch().linger(),
          config.source().allowSlow(),
          config.cacheBytes(),
          config.device().background());
    }
  }

  /** The activation of a model without a calibration is the model's own by either name. */
  private static ActivationChoice activationOf(Bundle bundle, ScoringConfig config) {
    return config.activation() == ActivationChoice.AUTO && !bundle.manifest().isCalibrated()
        ? ActivationChoice.MODEL
        : config.activation();
  }

  /** A model that is loaded or being loaded. The holders are guarded by the registry. */
  private static final class Entry {
    private final CompletableFuture<Loaded> loaded = new CompletableFuture<>();
    private final Map<String, Integer> holdersBySlot = new HashMap<>();
  }

  private record Loaded(ScoringService service, long loadMillis) {}

  /** A model that is being freed. */
  private static final class Closing {
    private final String device;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    private Closing(String device) {
      this.device = device;
    }
  }

  private static Bundle resolveShared(String model, Precision precision) {
    ModelRepository repository = ModelRepository.shared();
    String local = FileSystemModels.local(model);
    return precision == null
        ? repository.resolve(local)
        : repository.resolve(local, precision, DownloadListener.SILENT);
  }

  ModelRegistry(Resolver resolver, Loader loader) {
    this.resolver = resolver;
    this.loader = loader;
  }

  /**
   * The use of a model by an operator in a slot. Must be closed once.
   *
   * @param service the service to which records are submitted
   * @param device the name of the device
   * @param loadMillis the time to load and warm up the model
   * @param release releases the model and the device; called by {@link #close}
   */
  record Lease(ScoringService service, String device, long loadMillis, Runnable release)
      implements AutoCloseable {
    @Override
    public void close() {
      release.run();
    }
  }

  /**
   * Returns the bundle of a model, and downloads and compiles the model first if necessary.
   * Concurrent calls for the same model share the work.
   *
   * @param precision null for the model's own
   * @throws InterruptedException as soon as the caller is interrupted
   * @throws dev.crossencoder.model.ModelUnavailableException if the model is temporarily
   *     unavailable
   * @throws dev.crossencoder.model.InvalidModelException if the model can never be used
   */
  Bundle resolve(String model, Precision precision) throws InterruptedException {
    return resolving.get(new ModelName(model, precision), () -> resolver.resolve(model, precision));
  }

  /**
   * Leases a model on the slot's device. Loads the model if it is not loaded there.
   *
   * @param slot identifies the slot within the TaskManager
   * @param candidates the devices that the slot may use
   * @param threads the number of cores with which the slot scores on a CPU
   * @throws InterruptedException as soon as the caller is interrupted
   */
  Lease lease(
      Bundle bundle, ScoringConfig config, String slot, Collection<String> candidates, int threads)
      throws InterruptedException {
    String device;
    Key key;
    Entry entry;
    boolean loading;
    synchronized (this) {
      device = devices.acquire(slot, candidates);
      key = Key.of(bundle, config, device);
      entry = entries.get(key);
      loading = entry != null;
      if (!loading) {
        entry = new Entry();
        entries.put(key, entry);
      }
      entry.holdersBySlot.merge(slot, 1, Integer::sum);
      coresOf(device).lease(slot, coresOfSlot(device, threads));
    }
    Entry held = entry;
    Runnable release = () -> release(key, held, slot, candidates, threads);
    try {
      if (!loading) {
        startLoading(key, held, bundle, config, threads);
      }
      Loaded loaded = SharedWork.await(held.loaded);
      int slotCores = slots(held) * threads;
      loaded.service().ensureTokenizers(config.device().tokenizerThreads(slotCores));
      loaded.service().ensureWorkers(new Device(device).isCpu() ? slotCores : CORES_OF_A_GPU);
      return new Lease(loaded.service(), device, loaded.loadMillis(), release);
    } catch (Throwable t) {
      release.run();
      throw t;
    }
  }

  /** Returns whether a bundle is loaded or being loaded, with whatever options and device. */
  synchronized boolean isInUse(String digest) {
    return entries.keySet().stream().anyMatch(key -> key.digest().equals(digest));
  }

  /**
   * Keeps a slot on its device, also while it leases no model.
   *
   * @param candidates the devices that the slot may use
   * @return gives the device back; run it once
   */
  synchronized Runnable keepDevice(String slot, Collection<String> candidates) {
    var unused = devices.acquire(slot, candidates);
    return () -> releaseDevice(slot, candidates);
  }

  private synchronized void releaseDevice(String slot, Collection<String> candidates) {
    devices.release(slot, candidates);
  }

  private synchronized DeviceCores coresOf(String device) {
    return cores.computeIfAbsent(
        device, name -> new DeviceCores(new Device(name).isCpu() ? 0 : CORES_OF_A_GPU));
  }

  private static int coresOfSlot(String device, int threads) {
    return new Device(device).isCpu() ? threads : 0;
  }

  private synchronized int slots(Entry entry) {
    return entry.holdersBySlot.size();
  }

  private void startLoading(
      Key key, Entry entry, Bundle bundle, ScoringConfig config, int threads) {
    String name = bundle.manifest().name() + " on " + key.device();
    Runnable load = () -> load(key, entry, name, bundle, config, threads);
    try {
      DaemonThreads.create("cross-encoder-loader " + name, load).start();
    } catch (Throwable t) {
      fail(key, entry, t);
      throw t;
    }
  }

  private void load(
      Key key, Entry entry, String name, Bundle bundle, ScoringConfig config, int threads) {
    Loaded loaded;
    try {
      awaitClosings(key.device());
      loaded = load(name, bundle, config, key.device(), threads);
    } catch (Throwable t) {
      fail(key, entry, t);
      return;
    }
    Closing closing;
    synchronized (this) {
      if (!entry.holdersBySlot.isEmpty()) {
        entry.loaded.complete(loaded);
        return;
      }
      entries.remove(key, entry);
      closing = startClosing(key.device());
    }
    LOG.info("No task waits for the model {} any more; it is freed.", name);
    close(loaded, closing);
  }

  private void fail(Key key, Entry entry, Throwable failure) {
    synchronized (this) {
      entries.remove(key, entry);
    }
    entry.loaded.completeExceptionally(failure);
  }

  private Loaded load(
      String name, Bundle bundle, ScoringConfig config, String device, int threads) {
    long start = System.nanoTime();
    ScoringModel model = loader.load(bundle, config, device, threads);
    try {
      long loaded = System.nanoTime();
      BatchLimits limits = config.limits(device);
      warmUp(model, limits, device);
      long end = System.nanoTime();
      LOG.info(
          "Loaded model {} ({}) on {} in {} ms, warmed it up in {} ms; {} cores per slot, batches of up to {} pairs and {} tokens.",
          bundle.manifest().name(),
          bundle.digest(),
          device,
          millis(start, loaded),
          millis(loaded, end),
          threads,
          limits.maxPairs(),
          limits.maxTokens());
      return new Loaded(
          new ScoringService(
              name,
              model,
              new BatchQueue(
                  limits,
                  config.batch().linger(),
                  coresOf(device),
                  model::passThreads,
                  config.device().background()),
              config.cacheBytes()),
          millis(start, end));
    } catch (Throwable t) {
      model.close();
      throw t;
    }
  }

  private static long millis(long startNanos, long endNanos) {
    return (endNanos - startNanos) / 1_000_000;
  }

  private static void warmUp(ScoringModel model, BatchLimits limits, String device) {
    try {
      model.warmUp();
    } catch (DeviceOutOfMemoryException e) {
      LOG.warn(
          "Batches of {} pairs and {} tokens do not fit into the memory of {}; such batches will be halved. Lower {} and {}.",
          limits.maxPairs(),
          limits.maxTokens(),
          device,
          CrossEncoderFunctionOptions.BATCH_MAX_TOKENS.key(),
          CrossEncoderFunctionOptions.BATCH_MAX_PAIRS.key(),
          e);
    }
  }

  private void release(
      Key key, Entry entry, String slot, Collection<String> candidates, int threads) {
    Loaded unused;
    Closing closing;
    synchronized (this) {
      devices.release(slot, candidates);
      coresOf(key.device()).release(slot, coresOfSlot(key.device(), threads));
      entry.holdersBySlot.computeIfPresent(
          slot, (ignored, holders) -> holders == 1 ? null : holders - 1);
      boolean inUse = !entry.holdersBySlot.isEmpty();
      // A model that is being loaded is freed by its loader thread if it has no holder then.
      if (inUse || !entry.loaded.isDone() || entry.loaded.isCompletedExceptionally()) {
        return;
      }
      entries.remove(key, entry);
      unused = entry.loaded.join();
      closing = startClosing(key.device());
    }
    // Outside the lock: a forward pass that hangs must not prevent other slots from starting.
    close(unused, closing);
  }

  /** The caller must hold the lock of the registry. */
  private Closing startClosing(String device) {
    Closing closing = new Closing(device);
    closings.add(closing);
    return closing;
  }

  private void close(Loaded unused, Closing closing) {
    try {
      unused.service().close(CLOSE_DEADLINE);
    } finally {
      synchronized (this) {
        closings.remove(closing);
      }
      closing.ended.complete(null);
    }
  }

  /** Waits for models that are being freed: the device may not have memory for two models. */
  private void awaitClosings(String device) throws InterruptedException {
    List<Closing> before;
    synchronized (this) {
      before = closings.stream().filter(closing -> closing.device.equals(device)).toList();
    }
    CompletableFuture<?>[] all =
        before.stream().map(closing -> closing.ended).toArray(CompletableFuture<?>[]::new);
    try {
      CompletableFuture.allOf(all).get(LONGEST_WAIT_FOR_CLOSING.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      LOG.warn("A model is still being freed on {}; the next one is loaded beside it.", device, e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("Cannot wait for a model to be freed", e);
    }
  }

  /** Resolves a model to its bundle. Tests replace it to work without files and networks. */
  @FunctionalInterface
  interface Resolver {
    /**
     * Returns the bundle of a model.
     *
     * @param precision null for the model's own
     */
    Bundle resolve(String model, Precision precision);
  }

  /** Loads a model. Tests replace it to work without native libraries and GPUs. */
  @FunctionalInterface
  interface Loader {
    ScoringModel load(Bundle bundle, ScoringConfig config, String device, int threads);

    Loader CROSS_ENCODER =
        (bundle, config, device, threads) -> {
          CrossEncoderOptions options =
              CrossEncoderOptions.DEFAULT
                  .withDevice(new Device(device))
                  .withThreads(threads)
                  .withTruncation(config.text().truncation())
                  .withLimits(config.limits(device));
          options = config.activation().apply(options);
          if (config.text().maxLength() != null) {
            options = options.withMaxLength(config.text().maxLength());
          }
          if (config.text().prompt() != null) {
            options = options.withPrompt(config.text().prompt());
          }
          if (config.text().promptName() != null) {
            options = options.withPromptName(config.text().promptName());
          }
          if (config.text().longDocument().chunking().isPresent()) {
            options = options.withChunking(config.text().longDocument().chunking().get());
          }
          options = options.withEvidence(config.text().longDocument().evidence());
          if (config.source().allowSlow()) {
            options = options.withSlowPrecision();
          }
          return ScoringModel.of(CrossEncoder.open(bundle, options));
        };
  }
}
