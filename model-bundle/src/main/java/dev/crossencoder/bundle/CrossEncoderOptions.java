package dev.crossencoder.bundle;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a model is loaded and used. Immutable: each {@code with} method returns a changed copy.
 *
 * @param activation what to use instead of the checkpoint's own activation
 * @param maxLength the most tokens of a pair, if fewer than the model can read
 * @param device where to score: {@code cpu}, {@code gpu0}, {@code gpu1}, …
 * @param threads how many threads one forward pass uses on a CPU. For {@link Engine#PYTORCH} one
 *     number for the whole process: the first model that is opened decides it.
 * @param limits how large one forward pass may be
 * @param slowPrecision whether a CPU may score with a half precision, several times slower than
 *     with {@link Precision#FP32}
 */
public record CrossEncoderOptions(
    Optional<Activation> activation,
    OptionalInt maxLength,
    String device,
    int threads,
    BatchLimits limits,
    boolean slowPrecision) {
  /** The checkpoint's own activation and length, on all cores of the CPU. */
  public static final CrossEncoderOptions DEFAULT =
      new CrossEncoderOptions(
          Optional.empty(),
          OptionalInt.empty(),
          "cpu",
          Runtime.getRuntime().availableProcessors(),
          BatchLimits.DEFAULT,
          false);

  public CrossEncoderOptions {
    requireNonNull(activation, "activation is null");
    requireNonNull(maxLength, "maxLength is null");
    requireNonNull(device, "device is null");
    requireNonNull(limits, "limits is null");
    if (threads <= 0) {
      throw new IllegalArgumentException(
          "Invalid threads: %d. It must be positive.".formatted(threads));
    }
    if (maxLength.isPresent() && maxLength.getAsInt() <= 0) {
      throw new IllegalArgumentException(
          "Invalid max length: %d. It must be positive.".formatted(maxLength.getAsInt()));
    }
  }

  /** Returns options with another activation. */
  public CrossEncoderOptions withActivation(Activation newActivation) {
    return new CrossEncoderOptions(
        Optional.of(newActivation), maxLength, device, threads, limits, slowPrecision);
  }

  /** Returns options with a smaller length. */
  public CrossEncoderOptions withMaxLength(int newMaxLength) {
    return new CrossEncoderOptions(
        activation, OptionalInt.of(newMaxLength), device, threads, limits, slowPrecision);
  }

  /** Returns options with another device. */
  public CrossEncoderOptions withDevice(String newDevice) {
    return new CrossEncoderOptions(
        activation, maxLength, newDevice, threads, limits, slowPrecision);
  }

  /** Returns options with another number of threads. */
  public CrossEncoderOptions withThreads(int newThreads) {
    return new CrossEncoderOptions(
        activation, maxLength, device, newThreads, limits, slowPrecision);
  }

  /** Returns options with other batch limits. */
  public CrossEncoderOptions withLimits(BatchLimits newLimits) {
    return new CrossEncoderOptions(
        activation, maxLength, device, threads, newLimits, slowPrecision);
  }

  /** Returns options with which a CPU may score with a half precision, slowly. */
  public CrossEncoderOptions withSlowPrecision() {
    return new CrossEncoderOptions(activation, maxLength, device, threads, limits, true);
  }
}
