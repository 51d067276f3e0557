package dev.crossencoder.model;

/**
 * How large one forward pass may be.
 *
 * @param maxPairs the most pairs
 * @param maxTokens the most real tokens; a pair that is longer travels alone
 */
public record BatchLimits(int maxPairs, int maxTokens) {
  /**
   * What was best for a core of a CPU: larger batches fall out of the cache and take more memory,
   * smaller ones waste calls.
   */
  public static final BatchLimits DEFAULT = new BatchLimits(32, 1024);

  /**
   * For a GPU, by arithmetic and not measured: enough rows that the matrix products of a small
   * model fill a large GPU, and so few that the activations of a large one are some hundred
   * megabytes.
   */
  public static final BatchLimits GPU_DEFAULT = new BatchLimits(256, 16_384);

  /** Returns the limits to start from on a device. */
  public static BatchLimits defaultsOf(Device device) {
    return device.isCpu() ? DEFAULT : GPU_DEFAULT;
  }

  public BatchLimits {
    if (maxPairs <= 0) {
      throw new IllegalArgumentException(
          "Invalid max pairs: %d. It must be positive.".formatted(maxPairs));
    }
    if (maxTokens <= 0) {
      throw new IllegalArgumentException(
          "Invalid max tokens: %d. It must be positive.".formatted(maxTokens));
    }
  }

  /**
   * Whether a pair may join a batch.
   *
   * @param pairs the pairs in the batch so far
   * @param tokens the tokens in the batch so far
   * @param length the tokens of the pair
   */
  public boolean admit(int pairs, int tokens, int length) {
    return pairs == 0 || (pairs < maxPairs && tokens + length <= maxTokens);
  }
}
