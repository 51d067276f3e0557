package dev.crossencoder.model.scoring;

import static java.util.Objects.requireNonNull;

import dev.crossencoder.model.Activation;
import dev.crossencoder.model.BatchLimits;
import dev.crossencoder.model.Chunking;
import dev.crossencoder.model.Device;
import dev.crossencoder.model.Evidence;
import dev.crossencoder.model.Precision;
import dev.crossencoder.model.tokenizer.Truncation;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Options for loading and using a model. Immutable: each {@code with} method returns a changed
 * copy.
 *
 * @param activation the activation to use instead of the checkpoint's, or of the calibration of the
 *     bundle
 * @param maxLength the largest number of tokens of a pair, at most the model's own maximum; empty
 *     for the model's own
 * @param truncation which text is truncated if a pair has more tokens; empty for {@link
 *     Truncation#LONGEST_FIRST}, and for {@link Truncation#ONLY_FIRST} in a classification
 * @param prompt the text before each first text, instead of the model's default prompt; the empty
 *     text for no prompt
 * @param promptName the name of the model's prompt to use; not together with {@code prompt}
 * @param device the device on which the model scores
 * @param threads the number of CPU threads that score for one calling thread, at least 1
 * @param limits the limits of a batch
 * @param slowPrecision whether a CPU may score with half precision, which is several times slower
 *     than {@link Precision#FP32}
 * @param chunking how a text that does not fit is divided into chunks; empty to truncate it
 * @param evidence what a score names as its evidence
 * @param calibrated whether the scores of a bundle with a calibration are its probabilities, unless
 *     there is an activation
 */
public record CrossEncoderOptions(
    Optional<Activation> activation,
    OptionalInt maxLength,
    Optional<Truncation> truncation,
    Optional<String> prompt,
    Optional<String> promptName,
    Device device,
    int threads,
    BatchLimits limits,
    boolean slowPrecision,
    Optional<Chunking> chunking,
    Evidence evidence,
    boolean calibrated) {
  /**
   * The calibration or the checkpoint's own activation, its maximum length and prompt, on all cores
   * of the CPU.
   */
  public static final CrossEncoderOptions DEFAULT =
      new CrossEncoderOptions(
          Optional.empty(),
          OptionalInt.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Device.CPU,
          Runtime.getRuntime().availableProcessors(),
          BatchLimits.DEFAULT,
          false,
          Optional.empty(),
          Evidence.NONE,
          true);

  public CrossEncoderOptions {
    requireNonNull(activation, "activation is null");
    requireNonNull(maxLength, "maxLength is null");
    requireNonNull(truncation, "truncation is null");
    requireNonNull(prompt, "prompt is null");
    requireNonNull(promptName, "promptName is null");
    requireNonNull(device, "device is null");
    requireNonNull(limits, "limits is null");
    requireNonNull(chunking, "chunking is null");
    requireNonNull(evidence, "evidence is null");
    if (prompt.isPresent() && promptName.isPresent()) {
      throw new IllegalArgumentException(
          "Invalid prompt name: %s. Give a prompt or the name of one, not both."
              .formatted(promptName.get()));
    }
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
        Optional.of(newActivation),
        maxLength,
        truncation,
        prompt,
        promptName,
        device,
        threads,
        limits,
        slowPrecision,
        chunking,
        evidence,
        calibrated);
  }

  /** Returns options with another maximum length. */
  public CrossEncoderOptions withMaxLength(int newMaxLength) {
    return new CrossEncoderOptions(
        activation,
        OptionalInt.of(newMaxLength),
        truncation,
        prompt,
        promptName,
        device,
        threads,
        limits,
        slowPrecision,
        chunking,
        evidence,
        calibrated);
  }

  /** Returns options with another truncation. */
  public CrossEncoderOptions withTruncation(Truncation newTruncation) {
    return new CrossEncoderOptions(
        activation,
        maxLength,
        Optional.of(newTruncation),
        prompt,
        promptName,
        device,
        threads,
        limits,
        slowPrecision,
        chunking,
        evidence,
        calibrated);
  }

  /**
   * Returns options with a prompt and without a prompt name. The empty prompt turns off the model's
   * default prompt.
   */
  public CrossEncoderOptions withPrompt(String newPrompt) {
    return new CrossEncoderOptions(
        activation,
        maxLength,
        truncation,
        Optional.of(newPrompt),
        Optional.empty(),
        device,
        threads,
        limits,
        slowPrecision,
        chunking,
        evidence,
        calibrated);
  }

  /** Returns options with the name of one of the model's prompts, and without a prompt. */
  public CrossEncoderOptions withPromptName(String newPromptName) {
    return new CrossEncoderOptions(
        activation,
        maxLength,
        truncation,
        Optional.empty(),
        Optional.of(newPromptName),
        device,
        threads,
        limits,
        slowPrecision,
        chunking,
        evidence,
        calibrated);
  }

  /** Returns options with another device. */
  public CrossEncoderOptions withDevice(Device newDevice) {
    return new CrossEncoderOptions(
        activation,
        maxLength,
        truncation,
        prompt,
        promptName,
        newDevice,
        threads,
        limits,
        slowPrecision,
        chunking,
        evidence,
        calibrated);
  }

  /** Returns options with another number of threads. */
  public CrossEncoderOptions withThreads(int newThreads) {
    return new CrossEncoderOptions(
        activation,
        maxLength,
        truncation,
        prompt,
        promptName,
        device,
        newThreads,
        limits,
        slowPrecision,
        chunking,
        evidence,
        calibrated);
  }

  /** Returns options with other batch limits. */
  public CrossEncoderOptions withLimits(BatchLimits newLimits) {
    return new CrossEncoderOptions(
        activation,
        maxLength,
        truncation,
        prompt,
        promptName,
        device,
        threads,
        newLimits,
        slowPrecision,
        chunking,
        evidence,
        calibrated);
  }

  /** Returns options that allow a CPU to score with half precision, which is slow. */
  public CrossEncoderOptions withSlowPrecision() {
    return new CrossEncoderOptions(
        activation,
        maxLength,
        truncation,
        prompt,
        promptName,
        device,
        threads,
        limits,
        true,
        chunking,
        evidence,
        calibrated);
  }

  /** Returns options that divide a text that does not fit into chunks. */
  public CrossEncoderOptions withChunking(Chunking newChunking) {
    return new CrossEncoderOptions(
        activation,
        maxLength,
        truncation,
        prompt,
        promptName,
        device,
        threads,
        limits,
        slowPrecision,
        Optional.of(newChunking),
        evidence,
        calibrated);
  }

  /** Returns options with another kind of evidence. */
  public CrossEncoderOptions withEvidence(Evidence newEvidence) {
    return new CrossEncoderOptions(
        activation,
        maxLength,
        truncation,
        prompt,
        promptName,
        device,
        threads,
        limits,
        slowPrecision,
        chunking,
        newEvidence,
        calibrated);
  }

  /** Returns options that ignore the calibration of a bundle: the checkpoint's own activation. */
  public CrossEncoderOptions withoutCalibration() {
    return new CrossEncoderOptions(
        activation,
        maxLength,
        truncation,
        prompt,
        promptName,
        device,
        threads,
        limits,
        slowPrecision,
        chunking,
        evidence,
        false);
  }
}
