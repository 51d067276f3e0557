package dev.crossencoder.bundle;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a {@link TorchScriptArchive} on libtorch, through DJL. */
final class TorchScriptEngine implements ScoringEngine {
  private static final Logger LOG = LoggerFactory.getLogger(TorchScriptEngine.class);
  private static final String ENGINE = "PyTorch";
  private static final String THREADS_PROPERTY = "ai.djl.pytorch.num_threads";

  private static int configuredThreads;

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
   * @param archive {@code model.pt}; its content is code, and must be trusted
   * @param device a DJL device name: {@code cpu}, {@code gpu0}
   * @param threads how many threads one forward pass uses on a CPU. libtorch has one such number
   *     for the process: the first model's counts.
   */
  static TorchScriptEngine load(Path archive, String device, int threads) {
    configure(threads);
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
  private static synchronized void configure(int threads) {
    if (configuredThreads == 0) {
      setIfAbsent(THREADS_PROPERTY, String.valueOf(threads));
      setIfAbsent("ai.djl.pytorch.num_interop_threads", "1");
      // The optimiser specialises on every new shape, and each packed batch has its own.
      setIfAbsent("ai.djl.pytorch.graph_optimizer", "false");
      setIfAbsent("ai.djl.offline", "true");
      setIfAbsent("OPT_OUT_TRACKING", "true");
      configuredThreads = Integer.getInteger(THREADS_PROPERTY, threads);
    }
    if (configuredThreads != threads) {
      LOG.warn(
          "A model asks for {} CPU threads, but libtorch was started with {} in this process and keeps them.",
          threads,
          configuredThreads);
    }
  }

  private static void setIfAbsent(String key, String value) {
    if (System.getProperty(key) == null) {
      System.setProperty(key, value);
    }
  }

  @Override
  public float[][] forward(PackedBatch batch) {
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
