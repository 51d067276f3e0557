package dev.crossencoder.model.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Works off a batch on a CPU in the forward passes of a {@link PassPlan}, side by side where
 * several threads are allowed. Safe for use by several threads.
 */
public final class CpuPasses implements ScoringEngine {
  private final ScoringEngine engine;
  private final ScoringThreads threads;

  /**
   * Takes over an engine, which {@link #close} closes.
   *
   * @param threads help the calling thread; they are not closed
   */
  public CpuPasses(ScoringEngine engine, ScoringThreads threads) {
    this.engine = engine;
    this.threads = threads;
  }

  @Override
  public float[][] forward(PackedBatch batch, int allowed) {
    PassPlan plan = PassPlan.of(batch.offsets(), allowed);
    List<Supplier<float[][]>> passes = new ArrayList<>();
    for (PassPlan.Pass pass : plan.passes()) {
      passes.add(
          () ->
              engine.forward(
                  batch.part(pass.first(), pass.end(), pass.rows()), plan.threadsPerPass()));
    }
    List<float[][]> rows =
        allowed > plan.threadsPerPass()
            ? threads.runAll(passes)
            : passes.stream().map(Supplier::get).toList();
    float[][] logits = new float[batch.pairs()][];
    for (int i = 0; i < rows.size(); i++) {
      float[][] part = rows.get(i);
      System.arraycopy(part, 0, logits, plan.passes().get(i).first(), part.length);
    }
    return logits;
  }

  @Override
  public void close() {
    engine.close();
  }
}
