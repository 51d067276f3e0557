package dev.crossencoder.cli;

import dev.crossencoder.model.bundle.Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.IllegalConfigurationException;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessSpec;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils;
import org.apache.flink.runtime.jobmanager.JobManagerProcessUtils;

/**
 * The memory that a TaskManager needs for a model, as lines of Flink's configuration. The off-heap
 * memory is the sum of the parts below; the process size is computed by Flink's own code.
 *
 * @param model the names and precisions of the models
 * @param weights the size of the files of the bundles that are loaded at the same time
 * @param engine the memory of the engine without weights and activations
 * @param activations the memory of all forward passes that run at the same time
 * @param slots the number of slots of the TaskManager
 * @param spec the memory sizes that Flink derives from the lines
 */
record MemoryPlan(
    String model,
    MemorySize weights,
    MemorySize engine,
    MemorySize activations,
    int slots,
    TaskExecutorProcessSpec spec) {
  private static final MemorySize STEP = MemorySize.ofMebiBytes(64);

  /** The value in the config.yaml of Flink's distribution. */
  private static final MemorySize JOB_MANAGER = MemorySize.ofMebiBytes(1600);

  /**
   * Libraries, operator tables, compiled kernels, tokenizer, and memory that the allocator retains.
   */
  private static final MemorySize ENGINE = MemorySize.ofMebiBytes(448);

  /** The CUDA libraries. An estimate that was not measured on a GPU. */
  private static final MemorySize CUDA = MemorySize.ofMebiBytes(3072);

  /** 256 rows of 16 times 1,024 fp32 numbers. */
  private static final MemorySize ACTIVATIONS_OF_A_CORE = MemorySize.ofMebiBytes(16);

  /** Flink's operators and class data, beside the heap of Flink's framework. */
  private static final MemorySize HEAP = MemorySize.ofMebiBytes(128);

  /**
   * A Kafka consumer fetches up to 50 MB, two producers buffer 32 MB each; the rest is for records
   * in flight.
   */
  private static final MemorySize HEAP_OF_A_SLOT = MemorySize.ofMebiBytes(192);

  /** Objects that die young; G1 would let them fill 60 % of the heap. */
  private static final MemorySize YOUNG_GENERATION_OF_A_SLOT = MemorySize.ofMebiBytes(64);

  /** Flink's lower limit: 2,048 buffers. Flink touches all of them at the start. */
  private static final MemorySize NETWORK = MemorySize.ofMebiBytes(64);

  /** The number of slots for which {@link #NETWORK} is enough. */
  private static final int SLOTS_OF_NETWORK = 2;

  private static final MemorySize NETWORK_OF_A_SLOT = MemorySize.ofMebiBytes(32);

  /** Computes the plan of one model, as {@link #of(List, long, int, int, boolean)} does. */
  static MemoryPlan of(Bundle bundle, int slots, int cores, boolean gpu) throws IOException {
    return of(List.of(bundle), Long.MAX_VALUE, slots, cores, gpu);
  }

  /**
   * Computes the plan.
   *
   * @param bundles the models, which share the cores
   * @param maxSize the largest total size of the files of loaded models, in bytes
   * @param cores the number of cores that score, which is the number of parallel forward passes
   * @param gpu whether a GPU scores; GPU memory is not part of the plan
   */
  static MemoryPlan of(List<Bundle> bundles, long maxSize, int slots, int cores, boolean gpu)
      throws IOException {
    long all = 0;
    for (Bundle bundle : bundles) {
      all += size(bundle);
    }
    MemorySize weights = new MemorySize(Math.min(all, maxSize));
    int engines =
        (int) bundles.stream().map(bundle -> bundle.manifest().engine()).distinct().count();
    MemorySize engine = ENGINE.multiply(engines);
    engine = gpu ? engine.add(CUDA) : engine;
    MemorySize activations = ACTIVATIONS_OF_A_CORE.multiply(gpu ? 1 : cores);
    MemorySize offHeap = roundUp(weights.add(engine).add(activations));
    MemorySize heap = HEAP.add(HEAP_OF_A_SLOT.multiply(slots));
    MemorySize process = roundUp(offHeap.add(heap));
    TaskExecutorProcessSpec spec = spec(configuration(process, offHeap, slots));
    while (spec == null || spec.getTaskHeapSize().compareTo(heap) < 0) {
      process = process.add(STEP);
      spec = spec(configuration(process, offHeap, slots));
    }
    return new MemoryPlan(
        bundles.stream()
            .map(bundle -> "%s (%s)".formatted(bundle.manifest().name(), bundle.manifest().dtype()))
            .collect(Collectors.joining(" and ")),
        weights,
        engine,
        activations,
        slots,
        spec);
  }

  private static long size(Bundle bundle) throws IOException {
    long bytes = 0;
    try (Stream<Path> files = Files.list(bundle.folder())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
    }
    return bytes;
  }

  private static Configuration configuration(MemorySize process, MemorySize offHeap, int slots) {
    Configuration configuration = new Configuration();
    configuration.set(TaskManagerOptions.NUM_TASK_SLOTS, slots);
    configuration.set(TaskManagerOptions.TOTAL_PROCESS_MEMORY, process);
    configuration.set(TaskManagerOptions.TASK_OFF_HEAP_MEMORY, offHeap);
    configuration.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ZERO);
    configuration.set(TaskManagerOptions.NETWORK_MEMORY_MAX, networkMax(slots));
    return configuration;
  }

  private static MemorySize networkMax(int slots) {
    return NETWORK.add(NETWORK_OF_A_SLOT.multiply(Math.max(0, slots - SLOTS_OF_NETWORK)));
  }

  /**
   * Returns the memory sizes that Flink derives from a configuration, or null if Flink rejects it
   * as too small.
   */
  private static TaskExecutorProcessSpec spec(Configuration configuration) {
    try {
      return TaskExecutorProcessUtils.processSpecFromConfig(configuration);
    } catch (IllegalConfigurationException e) {
      return null;
    }
  }

  private static MemorySize roundUp(MemorySize size) {
    long steps = (size.getBytes() + STEP.getBytes() - 1) / STEP.getBytes();
    return new MemorySize(steps * STEP.getBytes());
  }

  /** Returns the lines, with comments. */
  String lines() {
    Configuration jobManager = new Configuration();
    jobManager.set(JobManagerOptions.TOTAL_PROCESS_MEMORY, JOB_MANAGER);
    return Stream.of(
            List.of(
                "# Flink's memory for %s with %s, as lines for conf/config.yaml."
                    .formatted(model, slots == 1 ? "one slot" : slots + " slots"),
                "# Replace the lines that have these keys: Flink refuses a configuration that has a key twice.",
                "",
                "# The number of subtasks that score at the same time. All slots share one model."),
            line(TaskManagerOptions.NUM_TASK_SLOTS.key(), String.valueOf(slots)),
            List.of(
                "",
                "# The model, outside the heap: %s of weights and tokenizer, %s for libtorch or ONNX Runtime"
                    .formatted(megabytes(weights), megabytes(engine)),
                "# (libraries, compiled kernels, what the allocator keeps), %s for forward passes."
                    .formatted(megabytes(activations))),
            line(TaskManagerOptions.TASK_OFF_HEAP_MEMORY.key(), size(spec.getTaskOffHeapSize())),
            List.of(
                "", "# The job uses no managed memory, for which Flink reserves 40 % by default."),
            line(TaskManagerOptions.MANAGED_MEMORY_SIZE.key(), "0"),
            List.of(
                "",
                "# Buffers for records between tasks, of which the job needs few; by default they take 10 %, up to 1 GB.",
                "# Raise it if Flink reports an insufficient number of network buffers."),
            line(TaskManagerOptions.NETWORK_MEMORY_MAX.key(), size(networkMax(slots))),
            List.of(
                "",
                "# The whole process. The heap of the tasks gets %s: Kafka's clients and records in flight."
                    .formatted(megabytes(spec.getTaskHeapSize())),
                "# Raise it if --capacity is larger or if records are large.",
                "# The rest is for Flink: framework %s + %s, network %s, metaspace %s, overhead of the JVM %s."
                    .formatted(
                        megabytes(spec.getFlinkMemory().getFrameworkHeap()),
                        megabytes(spec.getFlinkMemory().getFrameworkOffHeap()),
                        megabytes(spec.getNetworkMemSize()),
                        megabytes(spec.getJvmMetaspaceSize()),
                        megabytes(spec.getJvmOverheadSize()))),
            line(
                TaskManagerOptions.TOTAL_PROCESS_MEMORY.key(),
                size(spec.getTotalProcessMemorySize())),
            List.of(
                "",
                "# Without a limit of the young generation, G1 lets it grow to 60 % of the heap before it collects garbage.",
                "# If you have this key already, add the option to its value."),
            line(CoreOptions.FLINK_TM_JVM_OPTIONS.key(), youngGeneration(slots)),
            List.of(
                "",
                "# The JobManager loads no model: this is Flink's default, with the same limit."),
            line(
                JobManagerOptions.TOTAL_PROCESS_MEMORY.key(),
                size(
                    JobManagerProcessUtils.processSpecFromConfig(jobManager)
                        .getTotalProcessMemorySize())),
            line(CoreOptions.FLINK_JM_JVM_OPTIONS.key(), youngGeneration(1)),
            List.of(
                "",
                "# Also set this in the environment of each TaskManager, so that glibc reuses the memory of freed models:",
                "#     export MALLOC_ARENA_MAX=2"))
        .flatMap(List::stream)
        .reduce("", (text, line) -> text + line + "\n");
  }

  private static String youngGeneration(int slots) {
    // Flink chooses G1 itself only if the key is not set.
    return "-XX:+UseG1GC -XX:MaxNewSize=" + size(YOUNG_GENERATION_OF_A_SLOT.multiply(slots));
  }

  private static List<String> line(String key, String value) {
    return List.of(key + ": " + value);
  }

  private static String size(MemorySize size) {
    return size.getMebiBytes() + "m";
  }

  private static String megabytes(MemorySize size) {
    return "%,d MB".formatted(size.getMebiBytes());
  }
}
