package dev.crossencoder.model.engine;

import dev.crossencoder.model.Device;
import dev.crossencoder.model.bundle.InputForm;
import java.nio.file.Path;

/**
 * Two ONNX Runtime sessions of one model, because the number of threads of a session is fixed: one
 * session runs each forward pass on the calling thread, so that passes can run concurrently; the
 * other one uses all threads for each pass. Both sessions map the same weights file, so they share
 * its memory, except for weights that a kernel rearranges (prepacks). Thread-safe.
 */
public final class OnnxSessions implements ScoringEngine {
  private final OnnxEngine singleThreaded;
  private final OnnxEngine multiThreaded;
  private final int threads;

  /** Owns both engines. With one thread they are the same engine. */
  private OnnxSessions(OnnxEngine singleThreaded, OnnxEngine multiThreaded, int threads) {
    this.singleThreaded = singleThreaded;
    this.multiThreaded = multiThreaded;
    this.threads = threads;
  }

  /**
   * Loads a model, as {@link OnnxEngine#load} does.
   *
   * @param threads the largest number of threads of a forward pass
   */
  public static ScoringEngine load(
      Path model, InputForm form, int paddingId, Device device, int threads) {
    OnnxEngine singleThreaded = OnnxEngine.load(model, form, paddingId, device, 1);
    if (threads == 1) {
      return new OnnxSessions(singleThreaded, singleThreaded, threads);
    }
    try {
      return new OnnxSessions(
          singleThreaded, OnnxEngine.load(model, form, paddingId, device, threads), threads);
    } catch (RuntimeException e) {
      singleThreaded.close();
      throw e;
    }
  }

  @Override
  public float[][] forward(PackedBatch batch, int passThreads) {
    return (passThreads == 1 ? singleThreaded : multiThreaded).forward(batch, passThreads);
  }

  /** Returns 1 or the number of all threads: no session can use another number. */
  @Override
  public int passThreads(int available) {
    return available < threads ? 1 : threads;
  }

  @Override
  public void close() {
    try {
      singleThreaded.close();
    } finally {
      if (multiThreaded != singleThreaded) {
        multiThreaded.close();
      }
    }
  }
}
