package dev.crossencoder.benchmark.simulation;

import dev.crossencoder.model.BatchLimits;

/** How a batch is formed. Stateless. */
public interface Policy {
  /**
   * What a policy sees when a core is free.
   *
   * @param pairs the waiting pairs, at least one
   * @param tokens their tokens
   * @param oldestMillis how long the first one has waited since its arrival
   */
  record Queue(int pairs, long tokens, double oldestMillis) {}

  /**
   * What it decides.
   *
   * @param limits the limits of the batch
   * @param lingerMillis how long to wait for a fuller batch
   * @param int8 whether the batch is scored in int8 instead of fp32
   */
  record Choice(BatchLimits limits, double lingerMillis, boolean int8) {}

  /** Decides for the next batch. */
  Choice choose(Queue queue);

  /** Returns a policy that always decides the same. */
  static Policy fixed(BatchLimits limits, double lingerMillis, boolean int8) {
    Choice choice = new Choice(limits, lingerMillis, int8);
    return queue -> choice;
  }

  /** Returns a policy with small batches for a short queue and large ones for a long queue. */
  static Policy followingLimits(
      BatchLimits small, BatchLimits large, long longFromTokens, boolean int8) {
    Choice few = new Choice(small, 0, int8);
    Choice many = new Choice(large, 0, int8);
    return queue -> queue.tokens() < longFromTokens ? few : many;
  }

  /** Returns a policy that scores in int8 while more than some tokens wait. */
  static Policy int8Above(BatchLimits limits, long tokens) {
    Choice fp32 = new Choice(limits, 0, false);
    Choice int8 = new Choice(limits, 0, true);
    return queue -> queue.tokens() > tokens ? int8 : fp32;
  }

  /**
   * Returns a policy that scores in int8 if the pairs that wait would otherwise take more than a
   * part of the target, counted from the arrival of the oldest one.
   *
   * @param targetMillis the target of the 99th percentile
   * @param part the part of the target from which int8 is used
   * @param millisPerToken how long all cores together need for a token in fp32
   */
  static Policy target(
      BatchLimits limits, double targetMillis, double part, double millisPerToken) {
    Choice fp32 = new Choice(limits, 0, false);
    Choice int8 = new Choice(limits, 0, true);
    return queue ->
        queue.oldestMillis() + queue.tokens() * millisPerToken > part * targetMillis ? int8 : fp32;
  }
}
