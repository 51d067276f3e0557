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
import dev.crossencoder.model.io.NativeLibraries;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Runs a {@code TorchScriptArchive} on libtorch, through DJL. */
public final class TorchScriptEngine implements ScoringEngine {
  private static final String ENGINE = "PyTorch";
  private static final String PREPARE = "prepare";
  private static final Set<String> X86_64 = Set.of("amd64", "x86_64");

  /** How many threads libtorch uses for a pass on this thread; it keeps that for each thread. */
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
   * Loads a program and its weights.
   *
   * @param archive {@code model.pt}; its content is code, and must be trusted
   */
  public static TorchScriptEngine load(Path archive, Device device) {
    configure();
    Thread thread = Thread.currentThread();
    ClassLoader contextLoader = thread.getContextClassLoader();
    // DJL finds its engines and natives through the context class loader, and keeps what it found.
    thread.setContextClassLoader(TorchScriptEngine.class.getClassLoader());
    try {
      Model model =
          NativeLibraries.load(
              "libtorch",
              () ->
                  Model.newInstance(
                      "cross-encoder", ai.djl.Device.fromName(device.name()), ENGINE));
      try {
        // A thread that has computed with several keeps them as a team, idle: once all teams
        // outnumber
        // the cores, OpenMP puts the workers of every team to sleep after each operation.
        useThreads(1);
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

  private static void read(Path archive, Model model) throws IOException, MalformedModelException {
    try {
      model.load(archive);
    } catch (EngineException e) {
      if (!PortableKernels.areWanted(String.valueOf(e.getMessage()))) {
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

  /** Sets what libtorch reads once, when the engine starts. The user's own settings win. */
  private static void configure() {
    NativeLibraries.setIfAbsent("ai.djl.pytorch.num_interop_threads", "1");
    // The optimiser specialises on every new shape, and each packed batch has its own.
    NativeLibraries.setIfAbsent("ai.djl.pytorch.graph_optimizer", "false");
  }

  /** Lets a program that can lay its weights out for a CPU do so, where that is known to pay. */
  private static void prepare(Model model) {
    if (model.getNDManager().getDevice().equals(ai.djl.Device.cpu())
        && X86_64.contains(System.getProperty("os.arch"))
        && model.getBlock() instanceof PtSymbolBlock program
        && List.of(JniUtils.getMethodNames(program)).contains(PREPARE)) {
      IValueUtils.runMethod(program, PREPARE).close();
    }
  }

  @Override
  public float[][] forward(PackedBatch batch, int threads) {
    useThreads(threads);
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

  /** Puts what a pass reads into this thread's memory, where libtorch reads it in place. */
  private static NDList inputs(NDManager manager, long[]... values) {
    NDList inputs = new NDList(values.length);
    for (ByteBuffer input : InputMemory.copy(List.of(values))) {
      Shape shape = new Shape(input.capacity() / Long.BYTES);
      inputs.add(manager.create(input, shape, DataType.INT64));
    }
    return inputs;
  }

  /**
   * Sets how many threads later passes on the calling thread use. OpenMP and MKL, which libtorch
   * computes with, have such a number for each calling thread.
   *
   * <p>The first operation on a thread gives it the number that any thread of the process was the
   * last to set. Asking for the number is such an operation, so it must come before the number is
   * set: otherwise another thread's number could take the place of this one's between here and the
   * first pass, and would stay.
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

  /** Whether it computes on a CPU. */
  public boolean onCpu() {
    return model.getNDManager().getDevice().equals(ai.djl.Device.cpu());
  }

  @Override
  public void close() {
    model.close();
  }
}
