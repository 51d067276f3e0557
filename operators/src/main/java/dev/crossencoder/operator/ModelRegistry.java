package dev.crossencoder.operator;

import dev.crossencoder.bundle.Activation;
import dev.crossencoder.bundle.BatchLimits;
import dev.crossencoder.bundle.Bundle;
import dev.crossencoder.bundle.CrossEncoder;
import dev.crossencoder.bundle.CrossEncoderOptions;
import dev.crossencoder.bundle.DeviceOutOfMemoryException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models that are loaded in this JVM. A model with its activation, length and batch limits is
 * loaded once for each device and shared, with one queue, by all slots and operators that use it
 * there; the last to let go of it frees it. Safe for use by several threads.
 *
 * <p>A model has been warmed up when its first lease is given. On a CPU a model has as many scoring
 * threads as the slots that have used it at the same time have cores; a GPU has one in all.
 */
final class ModelRegistry {
  /**
   * The JVM's. It outlives jobs when the runtime jars are in Flink's {@code lib}, as they must be.
   */
  static final ModelRegistry SHARED = new ModelRegistry(Loader.CROSS_ENCODER);

  private static final Logger LOG = LoggerFactory.getLogger(ModelRegistry.class);
  private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(5);

  private final Loader loader;
  private final DeviceLeases devices = new DeviceLeases();
  private final Map<Key, Entry> entries = new HashMap<>();

  /** What makes two uses of a bundle one model. */
  private record Key(
      String digest,
      String device,
      Optional<Activation> activation,
      Optional<Integer> maxLength,
      BatchLimits limits,
      Duration linger) {}

  private static final class Entry {
    private final ScoringService service;
    private final long loadMillis;
    private final Map<String, Integer> holdersBySlot = new HashMap<>();

    private Entry(ScoringService service, long loadMillis) {
      this.service = service;
      this.loadMillis = loadMillis;
    }
  }

  ModelRegistry(Loader loader) {
    this.loader = loader;
  }

  /**
   * A slot's use of a model.
   *
   * @param service where to submit pairs
   * @param device where they are scored
   * @param loadMillis how long the model took to load and to warm up, when it was loaded
   * @param release gives the lease back; call once
   */
  record Lease(ScoringService service, String device, long loadMillis, Runnable release)
      implements AutoCloseable {
    @Override
    public void close() {
      release.run();
    }
  }

  /**
   * Leases a model, loading it if nobody has it on the slot's device.
   *
   * @param slot identifies the slot
   * @param candidates the devices that the slot may use
   * @param threads the cores that the slot scores with on a CPU
   */
  Lease lease(
      Bundle bundle,
      ScoringConfig config,
      String slot,
      Collection<String> candidates,
      int threads) {
    synchronized (this) {
      String device = devices.acquire(slot, candidates);
      try {
        Key key =
            new Key(
                bundle.digest(),
                device,
                config.chosenActivation(),
                Optional.ofNullable(config.maxLength()),
                config.limits(device),
                config.linger());
        Entry entry = entries.get(key);
        if (entry == null) {
          entry = load(bundle, config, device, threads);
          entries.put(key, entry);
        }
        entry.holdersBySlot.merge(slot, 1, Integer::sum);
        entry.service.ensureWorkers(
            device.equals("cpu") ? entry.holdersBySlot.size() * threads : 1);
        return new Lease(
            entry.service, device, entry.loadMillis, () -> release(key, slot, candidates));
      } catch (Throwable t) {
        devices.release(slot, candidates);
        throw t;
      }
    }
  }

  private Entry load(Bundle bundle, ScoringConfig config, String device, int threads) {
    long start = System.nanoTime();
    ScoringModel model = loader.load(bundle, config, device, threads);
    long loaded = System.nanoTime();
    BatchLimits limits = config.limits(device);
    warmUp(model, limits, device);
    long end = System.nanoTime();
    String name = bundle.manifest().name() + " on " + device;
    LOG.info(
        "Loaded model {} ({}) on {} in {} ms, warmed it up in {} ms; {} cores a slot, batches of up to {} pairs and {} tokens.",
        bundle.manifest().name(),
        bundle.digest(),
        device,
        millis(start, loaded),
        millis(loaded, end),
        threads,
        limits.maxPairs(),
        limits.maxTokens());
    return new Entry(
        new ScoringService(name, model, new BatchQueue(limits, config.linger())),
        millis(start, end));
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
    } catch (Throwable t) {
      model.close();
      throw t;
    }
  }

  private void release(Key key, String slot, Collection<String> candidates) {
    Entry unused = null;
    synchronized (this) {
      devices.release(slot, candidates);
      Entry entry = entries.get(key);
      entry.holdersBySlot.computeIfPresent(
          slot, (ignored, holders) -> holders == 1 ? null : holders - 1);
      if (entry.holdersBySlot.isEmpty()) {
        entries.remove(key);
        unused = entry;
      }
    }
    if (unused != null) {
      // Outside the lock: a forward pass that hangs must not keep other slots from starting.
      unused.service.close(CLOSE_DEADLINE);
    }
  }

  /** Loads a model; a seam for tests without natives or GPUs. */
  @FunctionalInterface
  interface Loader {
    ScoringModel load(Bundle bundle, ScoringConfig config, String device, int threads);

    /** Loads a {@link CrossEncoder}. */
    Loader CROSS_ENCODER =
        (bundle, config, device, threads) -> {
          CrossEncoderOptions options =
              CrossEncoderOptions.DEFAULT
                  .withDevice(device)
                  .withThreads(threads)
                  .withLimits(config.limits(device));
          if (config.chosenActivation().isPresent()) {
            options = options.withActivation(config.chosenActivation().get());
          }
          if (config.maxLength() != null) {
            options = options.withMaxLength(config.maxLength());
          }
          if (config.allowSlow()) {
            options = options.withSlowPrecision();
          }
          return ScoringModel.of(CrossEncoder.open(bundle, options));
        };
  }
}
