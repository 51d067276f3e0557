package dev.crossencoder.model.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Divides each batch into the forward passes of a {@link PassPlan} and runs them on a CPU, several
 * at the same time if the caller allows several threads. Thread-safe.
 */
public final class CpuPasses implements ScoringEngine {
  private final ScoringEngine engine;
  private final ScoringThreads helpers;

  /**
   * Wraps an engine and owns it: {@link #close} closes the engine.
   *
   * @param helpers threads that run passes beside the calling thread; {@link #close} does not close
   *     them
   */
  public CpuPasses(ScoringEngine engine, ScoringThreads helpers) {
    this.engine = engine;
    this.helpers = helpers;
  }

  @Override
  public float[][] forward(PackedBatch batch, int passThreads) {
    PassPlan plan = PassPlan.of(batch.offsets(), passThreads);
    List<Supplier<float[][]>> passes = new ArrayList<>();
    for (PassPlan.Pass pass : plan.passes()) {
      passes.add(
          () ->
              engine.forward(
                  batch.part(pass.first(), pass.end(), pass.rows()), plan.threadsPerPass()));
    }
    List<float[][]> rows =
        passThreads > plan.threadsPerPass()
            ? helpers.runAll(passes)
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
