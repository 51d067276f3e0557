package dev.crossencoder.benchmark.simulation;

import dev.crossencoder.model.EncodedPair;
import dev.crossencoder.model.scoring.CrossEncoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Measures the time of forward passes of one model. Owned by one thread. */
public final class PassTimer {
  private static final int[] TOKENS = {40, 70, 100, 160, 256, 512, 768, 1024};
  private static final int WARM_UP = 3;
  private static final double NANOS = 1e6;

  private final CrossEncoder model;
  private final List<EncodedPair> pairs;
  private final double seconds;

  /**
   * Creates a timer.
   *
   * @param pairs from which batches are made
   * @param seconds how long each point is measured
   */
  public PassTimer(CrossEncoder model, List<EncodedPair> pairs, double seconds) {
    this.model = model;
    this.pairs = List.copyOf(pairs);
    this.seconds = seconds;
  }

  /** Measures all points. */
  public PassCost measure() throws InterruptedException {
    double[] tokens = new double[TOKENS.length];
    double[] alone = new double[TOKENS.length];
    double[] beside = new double[TOKENS.length];
    double[] shared = new double[TOKENS.length];
    for (int i = 0; i < TOKENS.length; i++) {
      List<EncodedPair> batch = batch(TOKENS[i]);
      tokens[i] = batch.stream().mapToInt(EncodedPair::length).sum();
      alone[i] = millis(batch, 1);
      beside[i] = besideAnother(batch);
      shared[i] = millis(batch, 2);
    }
    return new PassCost(tokens, alone, beside, shared);
  }

  /** Returns a batch of about as many tokens: one pair if there is one of this length. */
  private List<EncodedPair> batch(int tokens) {
    for (EncodedPair pair : pairs) {
      if (Math.abs(pair.length() - tokens) <= tokens / 20) {
        return List.of(pair);
      }
    }
    List<EncodedPair> batch = new ArrayList<>();
    int sum = 0;
    for (EncodedPair pair : pairs) {
      if (sum + pair.length() <= tokens) {
        batch.add(pair);
        sum += pair.length();
      }
    }
    return batch;
  }

  private double besideAnother(List<EncodedPair> batch) throws InterruptedException {
    CountDownLatch end = new CountDownLatch(1);
    CountDownLatch started = new CountDownLatch(1);
    Thread other =
        new Thread(
            () -> {
              while (end.getCount() > 0) {
                var unused = model.scoreBatch(batch, 1);
                started.countDown();
              }
            },
            "other-core");
    other.start();
    started.await();
    try {
      return millis(batch, 1);
    } finally {
      end.countDown();
      other.join();
    }
  }

  /**
   * Returns the lower quartile of the times, which other processes disturb less than the median.
   */
  private double millis(List<EncodedPair> batch, int threads) {
    for (int i = 0; i < WARM_UP; i++) {
      var unused = model.scoreBatch(batch, threads);
    }
    List<Double> millis = new ArrayList<>();
    long start = System.nanoTime();
    while (System.nanoTime() - start < seconds * 1e9) {
      long before = System.nanoTime();
      var unused = model.scoreBatch(batch, threads);
      millis.add((System.nanoTime() - before) / NANOS);
    }
    double[] sorted = millis.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    return sorted[sorted.length / 4];
  }
}
