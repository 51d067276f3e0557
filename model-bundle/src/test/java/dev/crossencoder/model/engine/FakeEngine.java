package dev.crossencoder.model.engine;

import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** Says what a test wants it to say. */
public final class FakeEngine implements ScoringEngine {
  private final Function<PackedBatch, float[][]> answer;
  private final AtomicInteger closed = new AtomicInteger();
  private final ConcurrentLinkedQueue<String> passes = new ConcurrentLinkedQueue<>();
  private volatile PackedBatch lastBatch;

  public FakeEngine(Function<PackedBatch, float[][]> answer) {
    this.answer = answer;
  }

  @Override
  public float[][] forward(PackedBatch batch, int threads) {
    lastBatch = batch;
    passes.add("%d pairs, %d threads".formatted(batch.pairs(), threads));
    return answer.apply(batch);
  }

  @Override
  public void close() {
    closed.incrementAndGet();
  }

  /** How often it was closed. */
  public int closed() {
    return closed.get();
  }

  /** Pairs and threads of all forward passes, in order. */
  public List<String> passes() {
    return List.copyOf(passes);
  }

  /** What it was last asked to score. */
  public PackedBatch lastBatch() {
    return lastBatch;
  }
}
