package dev.crossencoder.model.engine;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import dev.crossencoder.model.Device;
import dev.crossencoder.model.DeviceOutOfMemoryException;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.ModelUnavailableException;
import dev.crossencoder.model.io.NativeLibraries;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Runs a TorchScript archive ({@code model.pt}) on libtorch, through DJL. Thread-safe. */
public final class TorchScriptEngine implements ScoringEngine {
  private static final String ENGINE = "PyTorch";
  private static final String PREPARE = "prepare";
  private static final Set<String> X86_64 = Set.of("amd64", "x86_64");

  /**
   * The number of threads that was last set for the calling thread; libtorch keeps it per thread.
   */
  private static final ThreadLocal<Integer> PASS_THREADS = ThreadLocal.withInitial(() -> 0);

  private final Model model;
  private final Block block;
  private final ParameterStore parameters;

  private TorchScriptEngine(Model model) {
    this.model = model;
    this.block = model.getBlock();
    this.parameters = new ParameterStore(model.getNDManager(), false);
  }

  /**
   * Loads a model and its weights.
   *
   * @param archive {@code model.pt}; it contains code, so it must come from a trusted source
   * @throws InvalidModelException if libtorch cannot load the archive
   * @throws DeviceOutOfMemoryException if the weights do not fit into the device's memory
   */
  public static TorchScriptEngine load(Path archive, Device device) {
    configure();
    Thread thread = Thread.currentThread();
    ClassLoader contextLoader = thread.getContextClassLoader();
    // DJL finds its engines and native libraries through the context class loader, and caches them.
    thread.setContextClassLoader(TorchScriptEngine.class.getClassLoader());
    try {
      Model model =
          NativeLibraries.load(
              "libtorch",
              () ->
                  Model.newInstance(
                      "cross-encoder", ai.djl.Device.fromName(device.name()), ENGINE));
      try {
        // After a multi-threaded operation OpenMP keeps an idle team of workers for the calling
        // thread. When all teams together have more threads than there are cores, OpenMP puts
        // workers to sleep after each operation. Therefore the model is loaded with one thread.
        useThreads(1);
        checkDevice(device, model);
        read(archive, model);
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

  /**
   * Uses a GPU once, so that one which libtorch cannot use is named as such.
   *
   * @throws ModelUnavailableException if libtorch cannot use it
   */
  private static void checkDevice(Device device, Model model) {
    if (device.isCpu()) {
      return;
    }
    try (NDManager manager = model.getNDManager().newSubManager()) {
      manager.zeros(new Shape(1));
    } catch (EngineException e) {
      if (isOutOfMemory(e)) {
        throw e;
      }
      String first = String.valueOf(e.getMessage()).split("\\.\\s|\\R", 2)[0];
      throw new ModelUnavailableException(
          "Cannot score on %s, libtorch cannot use it: %s. Score on the device cpu, or install libtorch for CUDA, see docs/gpu.md."
              .formatted(device, first),
          e);
    }
  }

  private static void read(Path archive, Model model) throws IOException, MalformedModelException {
    try {
      model.load(archive);
    } catch (EngineException e) {
      if (!PortableKernels.areNeeded(String.valueOf(e.getMessage()))) {
        throw e;
      }
      Path copy = Files.createTempFile("cross-encoder-", ".pt");
      try {
        PortableKernels.copy(archive, copy);
        model.load(copy);
      } finally {
        Files.delete(copy);
      }
    }
  }

  /** Sets system properties that DJL reads once, at its start. Existing values are kept. */
  private static void configure() {
    NativeLibraries.setIfAbsent("ai.djl.pytorch.num_interop_threads", "1");
    // The graph optimizer specializes the program for each input shape, and packed batches rarely
    // have the same shape twice.
    NativeLibraries.setIfAbsent("ai.djl.pytorch.graph_optimizer", "false");
  }

  /** Lets the program rearrange its weights for oneDNN, on x86-64 CPUs, where this is faster. */
  private static void prepare(Model model) {
    if (model.getNDManager().getDevice().equals(ai.djl.Device.cpu())
        && X86_64.contains(System.getProperty("os.arch"))
        && model.getBlock() instanceof PtSymbolBlock program
        && List.of(JniUtils.getMethodNames(program)).contains(PREPARE)) {
      IValueUtils.runMethod(program, PREPARE).close();
    }
  }

  @Override
  public float[][] forward(PackedBatch batch, int passThreads) {
    useThreads(passThreads);
    try (NDManager manager = model.getNDManager().newSubManager()) {
      NDList inputs =
          inputs(
              manager,
              batch.inputIds(),
              batch.tokenTypeIds(),
              batch.positionIds(),
              batch.offsets());
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

  /** Copies the inputs into this thread's direct buffer, which libtorch reads in place. */
  private static NDList inputs(NDManager manager, long[]... values) {
    NDList inputs = new NDList(values.length);
    for (ByteBuffer input : InputMemory.copy(List.of(values))) {
      Shape shape = new Shape(input.capacity() / Long.BYTES);
      inputs.add(manager.create(input, shape, DataType.INT64));
    }
    return inputs;
  }

  /**
   * Sets the number of threads of later forward passes on the calling thread. OpenMP and MKL, which
   * libtorch uses, keep this number per calling thread.
   *
   * <p>The first operation on a thread initializes its number from the value that any thread of the
   * process set last. Reading the number is such an operation. Therefore it is read before it is
   * set: otherwise the initialization could happen between this call and the first pass, and
   * replace the number by that of another thread.
   */
  static void useThreads(int threads) {
    if (PASS_THREADS.get() != threads) {
      JniUtils.getNumThreads();
      JniUtils.setNumThreads(threads);
      PASS_THREADS.set(threads);
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

  /** Whether the model is on the CPU. */
  public boolean onCpu() {
    return model.getNDManager().getDevice().equals(ai.djl.Device.cpu());
  }

  @Override
  public void close() {
    model.close();
  }
}
