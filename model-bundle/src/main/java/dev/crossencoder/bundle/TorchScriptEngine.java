package dev.crossencoder.bundle;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Runs a {@link TorchScriptArchive} on libtorch, through DJL. Safe for use by several threads. */
final class TorchScriptEngine implements ScoringEngine, ParallelEngine.PassEngine {
  static final String NAME = "pytorch";

  private static final String ENGINE = "PyTorch";
  private static final String PREPARE = "prepare";
  private static final Set<String> X86_64 = Set.of("amd64", "x86_64");
  private static final String THREADS_PROPERTY = "ai.djl.pytorch.num_threads";

  private final Model model;
  private final Block block;
  private final ParameterStore parameters;

  private TorchScriptEngine(Model model) {
    this.model = model;
    this.block = model.getBlock();
    this.parameters = new ParameterStore(model.getNDManager(), false);
  }

  /**
   * Loads a program and its weights.
   *
   * @param threads how many threads work off a batch on a CPU
   * @return an engine that works off large batches, too, as the device does best
   * @see #load
   */
  static ScoringEngine open(Path archive, String device, int threads) {
    TorchScriptEngine engine = load(archive, device);
    return engine.onCpu()
        ? new ParallelEngine(engine, Integer.getInteger(THREADS_PROPERTY, threads))
        : engine;
  }

  /**
   * Loads a program and its weights.
   *
   * @param archive {@code model.pt}; its content is code, and must be trusted
   * @param device a DJL device name: {@code cpu}, {@code gpu0}
   */
  static TorchScriptEngine load(Path archive, String device) {
    configure();
    Thread thread = Thread.currentThread();
    ClassLoader contextLoader = thread.getContextClassLoader();
    // DJL finds its engines and natives through the context class loader, and keeps what it found.
    thread.setContextClassLoader(TorchScriptEngine.class.getClassLoader());
    try {
      Model model =
          NativeLibraries.load(
              "libtorch",
              () -> Model.newInstance("cross-encoder", Device.fromName(device), ENGINE));
      try {
        model.load(archive);
        prepare(model);
        return new TorchScriptEngine(model);
      } catch (IOException | MalformedModelException | EngineException e) {
        model.close();
        if (e instanceof EngineException engineFailure && isOutOfMemory(engineFailure)) {
          throw new DeviceOutOfMemoryException(
              "Cannot load %s, %s is out of memory".formatted(archive, device), e);
        }
        throw new InvalidModelException("Cannot load %s: %s".formatted(archive, e), e);
      }
    } finally {
      thread.setContextClassLoader(contextLoader);
    }
  }

  /** Sets what libtorch and DJL read once, when the engine starts. The user's own settings win. */
  private static synchronized void configure() {
    setIfAbsent("ai.djl.pytorch.num_interop_threads", "1");
    // The optimiser specialises on every new shape, and each packed batch has its own.
    setIfAbsent("ai.djl.pytorch.graph_optimizer", "false");
    setIfAbsent("ai.djl.offline", "true");
    setIfAbsent("OPT_OUT_TRACKING", "true");
  }

  private static void setIfAbsent(String key, String value) {
    if (System.getProperty(key) == null) {
      System.setProperty(key, value);
    }
  }

  /** Lets a program that can lay its weights out for a CPU do so, where that is known to pay. */
  private static void prepare(Model model) {
    if (onCpu(model)
        && X86_64.contains(System.getProperty("os.arch"))
        && model.getBlock() instanceof PtSymbolBlock program
        && List.of(JniUtils.getMethodNames(program)).contains(PREPARE)) {
      IValueUtils.runMethod(program, PREPARE).close();
    }
  }

  private boolean onCpu() {
    return onCpu(model);
  }

  private static boolean onCpu(Model model) {
    return model.getNDManager().getDevice().equals(Device.cpu());
  }

  /** Runs one forward pass on a device that brings its own parallelism. */
  @Override
  public float[][] forward(PackedBatch batch) {
    return forward(batch, 1);
  }

  @Override
  public float[][] forward(PackedBatch batch, int threads) {
    // libtorch keeps this number for each thread that calls it.
    JniUtils.setNumThreads(threads);
    try (NDManager manager = model.getNDManager().newSubManager()) {
      NDList inputs =
          new NDList(
              manager.create(batch.inputIds()),
              manager.create(batch.tokenTypeIds()),
              manager.create(batch.positionIds()),
              manager.create(batch.offsets()));
      NDArray logits = block.forward(parameters, inputs, false).singletonOrThrow();
      return rows(logits.toFloatArray(), batch.pairs());
    } catch (EngineException e) {
      if (isOutOfMemory(e)) {
        throw new DeviceOutOfMemoryException(
            "Cannot score %d pairs with %d tokens in one batch, the device is out of memory"
                .formatted(batch.pairs(), batch.inputIds().length),
            e);
      }
      throw e;
    }
  }

  private static float[][] rows(float[] values, int rows) {
    int columns = values.length / rows;
    float[][] matrix = new float[rows][columns];
    for (int i = 0; i < rows; i++) {
      System.arraycopy(values, i * columns, matrix[i], 0, columns);
    }
    return matrix;
  }

  private static boolean isOutOfMemory(EngineException e) {
    String message = String.valueOf(e.getMessage());
    return message.contains("out of memory") || message.contains("can't allocate memory");
  }

  @Override
  public void close() {
    model.close();
  }
}
