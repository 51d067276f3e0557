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
  private final boolean repeatsRows;

  private CpuPasses(ScoringEngine engine, ScoringThreads helpers, boolean repeatsRows) {
    this.engine = engine;
    this.helpers = helpers;
    this.repeatsRows = repeatsRows;
  }

  /**
   * Wraps an engine and owns it: {@link #close} closes the engine. Passes have as many rows as
   * their pairs have tokens.
   *
   * @param helpers threads that run passes beside the calling thread; {@link #close} does not close
   *     them
   */
  public static CpuPasses of(ScoringEngine engine, ScoringThreads helpers) {
    return new CpuPasses(engine, helpers, false);
  }

  /**
   * Does the same as {@link #of}, and adds rows to passes so that their numbers of rows repeat, for
   * an engine that compiles and caches kernels for each number of rows.
   */
  public static CpuPasses repeatingRows(ScoringEngine engine, ScoringThreads helpers) {
    return new CpuPasses(engine, helpers, true);
  }

  @Override
  public float[][] forward(PackedBatch batch, int passThreads) {
    PassPlan plan = PassPlan.of(batch.offsets(), passThreads, engine.passThreads(passThreads));
    List<Supplier<float[][]>> passes = new ArrayList<>();
    for (PassPlan.Pass pass : plan.passes()) {
      int rows = repeatsRows ? pass.repeatedRows() : pass.tokens();
      passes.add(
          () -> engine.forward(batch.part(pass.first(), pass.end(), rows), plan.threadsPerPass()));
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
  public int passThreads(int available) {
    return engine.passThreads(available);
  }

  @Override
  public void close() {
    engine.close();
  }
}
