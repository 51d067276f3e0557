package dev.crossencoder.model.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import dev.crossencoder.model.Device;
import dev.crossencoder.model.DeviceOutOfMemoryException;
import dev.crossencoder.model.InvalidModelException;
import dev.crossencoder.model.bundle.InputForm;
import dev.crossencoder.model.bundle.OnnxTensors;
import dev.crossencoder.model.io.NativeLibraries;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs an ONNX model on ONNX Runtime, on a CPU. Thread-safe.
 *
 * <p>This class uses ONNX Runtime's Java API and not DJL's ONNX engine, because DJL hides two
 * session options: whether idle threads spin, and the memory pattern optimization, which keeps a
 * pattern for every input shape.
 *
 * <p>The number of threads is fixed when the session is created. With one thread, each forward pass
 * runs on the calling thread. With more, concurrent passes share the session's thread pool, and the
 * {@code threads} argument of {@link #forward} has no effect.
 */
public final class OnnxEngine implements ScoringEngine {
  private static final Logger LOG = LoggerFactory.getLogger(OnnxEngine.class);
  private static final Set<String> LOGITS = Set.of(OnnxTensors.LOGITS);

  private final OrtEnvironment environment;
  private final SessionOptions options;
  private final OrtSession session;
  private final InputForm form;
  private final int paddingId;

  private OnnxEngine(
      OrtEnvironment environment,
      SessionOptions options,
      OrtSession session,
      InputForm form,
      int paddingId) {
    this.environment = environment;
    this.options = options;
    this.session = session;
    this.form = form;
    this.paddingId = paddingId;
  }

  /**
   * Loads a model and its weights.
   *
   * @param model {@code model.onnx}; its weights may be in files beside it
   * @param form the input tensors that the model takes
   * @param paddingId the token id that fills the rows of padded inputs; not used for packed inputs
   * @param device must be the CPU
   * @param threads the number of threads of a forward pass
   * @throws InvalidModelException if ONNX Runtime cannot load the model, or the device is not the
   *     CPU
   * @throws DeviceOutOfMemoryException if the weights do not fit into memory
   */
  public static OnnxEngine load(
      Path model, InputForm form, int paddingId, Device device, int threads) {
    if (!device.isCpu()) {
      throw new InvalidModelException(
          "Cannot load %s, its engine onnxruntime scores on a CPU only and the device is %s. Build the bundle for pytorch, or score on a CPU."
              .formatted(model, device));
    }
    OrtEnvironment environment = NativeLibraries.load("ONNX Runtime", OnnxEngine::environment);
    try {
      SessionOptions options = new SessionOptions();
      try {
        configure(options, threads);
        OrtSession session = environment.createSession(model.toString(), options);
        return new OnnxEngine(environment, options, session, form, paddingId);
      } catch (OrtException | RuntimeException e) {
        options.close();
        throw e;
      }
    } catch (OrtException e) {
      if (isOutOfMemory(e)) {
        throw new DeviceOutOfMemoryException(
            "Cannot load %s, %s is out of memory".formatted(model, device), e);
      }
      throw new InvalidModelException("Cannot load %s: %s".formatted(model, e), e);
    }
  }

  private static OrtEnvironment environment() {
    // At FATAL nothing is written to standard error. The exceptions contain the same messages.
    OrtEnvironment environment =
        OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "cross-encoder");
    try {
      environment.setTelemetry(false);
    } catch (OrtException e) {
      LOG.debug("ONNX Runtime has no telemetry to switch off", e);
    }
    return environment;
  }

  private static void configure(SessionOptions options, int threads) throws OrtException {
    options.setIntraOpNumThreads(threads);
    options.setInterOpNumThreads(1);
    // ONNX Runtime keeps one memory pattern per input shape, and nearly every batch has a new
    // shape.
    options.setMemoryPatternOptimization(false);
    // Threads may spin while they wait for the next node of a pass. Between passes they must not:
    // the tokenizer and other task slots need the core.
    options.addConfigEntry("session.force_spinning_stop", "1");
  }

  @Override
  public float[][] forward(PackedBatch batch, int passThreads) {
    Map<String, OnnxTensor> inputs = new HashMap<>();
    try {
      if (form == InputForm.PACKED) {
        put(inputs, packed(batch), 0);
      } else {
        put(inputs, padded(PaddedBatch.of(batch, paddingId)), batch.pairs());
      }
      try (OrtSession.Result result = session.run(inputs, LOGITS)) {
        return rows(((OnnxTensor) result.get(0)).getFloatBuffer(), batch.pairs());
      }
    } catch (OrtException e) {
      if (isOutOfMemory(e)) {
        throw new DeviceOutOfMemoryException(
            "Cannot score %d pairs with %d tokens in one batch, the device is out of memory"
                .formatted(batch.pairs(), batch.inputIds().length),
            e);
      }
      throw new IllegalStateException(
          "Cannot score %d pairs with %d tokens: %s"
              .formatted(batch.pairs(), batch.inputIds().length, e),
          e);
    } finally {
      inputs.values().forEach(OnnxTensor::close);
    }
  }

  private static Map<String, long[]> packed(PackedBatch batch) {
    return Map.of(
        OnnxTensors.INPUT_IDS, batch.inputIds(),
        OnnxTensors.TOKEN_TYPE_IDS, batch.tokenTypeIds(),
        OnnxTensors.POSITION_IDS, batch.positionIds(),
        OnnxTensors.OFFSETS, batch.offsets());
  }

  private static Map<String, long[]> padded(PaddedBatch batch) {
    return Map.of(
        OnnxTensors.INPUT_IDS, batch.inputIds(),
        OnnxTensors.ATTENTION_MASK, batch.attentionMask(),
        OnnxTensors.TOKEN_TYPE_IDS, batch.tokenTypeIds());
  }

  /**
   * Copies those values that the model has an input for into this thread's direct buffer and wraps
   * them as tensors. ONNX Runtime reads the buffer in place.
   *
   * @param rows the number of rows of each tensor, or 0 for vectors
   */
  private void put(Map<String, OnnxTensor> inputs, Map<String, long[]> values, int rows)
      throws OrtException {
    List<String> names =
        values.keySet().stream().filter(session.getInputNames()::contains).toList();
    List<ByteBuffer> copies = InputMemory.copy(names.stream().map(values::get).toList());
    for (int i = 0; i < names.size(); i++) {
      long length = values.get(names.get(i)).length;
      long[] shape = rows == 0 ? new long[] {length} : new long[] {rows, length / rows};
      inputs.put(
          names.get(i), OnnxTensor.createTensor(environment, copies.get(i).asLongBuffer(), shape));
    }
  }

  private static float[][] rows(FloatBuffer values, int rows) {
    float[][] matrix = new float[rows][values.remaining() / rows];
    for (float[] row : matrix) {
      values.get(row);
    }
    return matrix;
  }

  private static boolean isOutOfMemory(OrtException e) {
    String message = String.valueOf(e.getMessage());
    return message.contains("Failed to allocate memory")
        || message.contains("bad_alloc")
        || message.contains("bad allocation")
        || message.contains("out of memory");
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("Cannot close a session of ONNX Runtime: " + e, e);
    } finally {
      options.close();
    }
  }
}
