package dev.crossencoder.model.engine;

import dev.crossencoder.model.Device;
import dev.crossencoder.model.bundle.InputForm;
import java.nio.file.Path;

/**
 * Two sessions of one program, because a session of ONNX Runtime has its threads from the start:
 * one that computes on the calling thread alone, so that forward passes run side by side, and one
 * whose passes use all threads. The file with the weights is mapped, so both read the same memory
 * but for what kernels lay out anew. Safe for use by several threads.
 */
public final class OnnxSessions implements ScoringEngine {
  private final OnnxEngine alone;
  private final OnnxEngine together;
  private final int threads;

  /** Takes over both engines; with one thread they are the same. */
  private OnnxSessions(OnnxEngine alone, OnnxEngine together, int threads) {
    this.alone = alone;
    this.together = together;
    this.threads = threads;
  }

  /**
   * Loads a program, as {@link OnnxEngine#load} does.
   *
   * @param threads how many threads a forward pass uses at most
   */
  public static ScoringEngine load(
      Path model, InputForm form, int paddingId, Device device, int threads) {
    OnnxEngine alone = OnnxEngine.load(model, form, paddingId, device, 1);
    if (threads == 1) {
      return new OnnxSessions(alone, alone, threads);
    }
    try {
      return new OnnxSessions(
          alone, OnnxEngine.load(model, form, paddingId, device, threads), threads);
    } catch (RuntimeException e) {
      alone.close();
      throw e;
    }
  }

  @Override
  public float[][] forward(PackedBatch batch, int allowed) {
    return (allowed == 1 ? alone : together).forward(batch, allowed);
  }

  /** One, or all of them: neither session can use another number. */
  @Override
  public int passThreads(int available) {
    return available < threads ? 1 : threads;
  }

  @Override
  public void close() {
    try {
      alone.close();
    } finally {
      if (together != alone) {
        together.close();
      }
    }
  }
}
