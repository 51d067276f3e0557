package dev.crossencoder.model;

/**
 * The limits of a batch, which is scored in one forward pass.
 *
 * @param maxPairs the largest number of pairs
 * @param maxTokens the largest number of tokens, without padding; a pair with more tokens is a
 *     batch of its own
 */
public record BatchLimits(int maxPairs, int maxTokens) {
  /**
   * The limits for a CPU. They were the fastest ones for one core: the activations of larger
   * batches do not fit into the cache, and smaller batches spend more time on calls.
   */
  public static final BatchLimits DEFAULT = new BatchLimits(32, 1024);

  /**
   * The limits for a GPU. They are calculated, not measured: batches of this size have enough rows
   * for the matrix products of a small model to fill a large GPU, and the activations of a large
   * model take a few hundred megabytes.
   */
  public static final BatchLimits GPU_DEFAULT = new BatchLimits(256, 16_384);

  /** Returns the default limits for a device. */
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
}
