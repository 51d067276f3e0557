package dev.crossencoder.bundle;

import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** Says what a test wants it to say. */
final class FakeEngine implements ScoringEngine {
  private final Function<PackedBatch, float[][]> answer;
  private final AtomicInteger closed = new AtomicInteger();
  private final ConcurrentLinkedQueue<String> passes = new ConcurrentLinkedQueue<>();
  private volatile PackedBatch lastBatch;

  FakeEngine(Function<PackedBatch, float[][]> answer) {
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
  int closed() {
    return closed.get();
  }

  /** Pairs and threads of all forward passes, in order. */
  List<String> passes() {
    return List.copyOf(passes);
  }

  /** What it was last asked to score. */
  PackedBatch lastBatch() {
    return lastBatch;
  }
}
