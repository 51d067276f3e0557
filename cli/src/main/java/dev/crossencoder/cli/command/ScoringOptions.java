package dev.crossencoder.cli.command;

import dev.crossencoder.model.Activation;
import dev.crossencoder.model.BatchLimits;
import dev.crossencoder.model.Device;
import dev.crossencoder.model.Evidence;
import dev.crossencoder.model.Precision;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import dev.crossencoder.model.tokenizer.Truncation;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of commands that score with a model in this process, without the model itself. */
public final class ScoringOptions {
  @Option(
      names = "--precision",
      paramLabel = "P",
      description =
          "The precision to which a checkpoint is compiled: fp32, int8 (about twice as fast on a CPU), fp16 or bf16 (for GPUs). A bundle must have it. By default that of a bundle, and fp32 for a checkpoint.")
  private String precision;

  @Option(
      names = "--activation",
      paramLabel = "A",
      defaultValue = "auto",
      description =
          "The activation, which turns logits into scores: auto (the calibration of a bundle that has one, else the model's own, default), model (the model's own), identity, sigmoid, softmax, or another one of PyTorch, such as tanh.")
  private String activation;

  @Option(
      names = "--max-length",
      paramLabel = "N",
      description = "The maximum number of tokens of a pair. By default the limit of the model.")
  private Integer maxLength;

  @Option(
      names = "--device",
      paramLabel = "D",
      defaultValue = "cpu",
      description =
          "The device to score on: cpu (default), or gpu0, gpu1, … if libtorch for CUDA is installed, see docs/gpu.md.")
  private String device;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      description =
          "The maximum number of pairs in one forward pass, without a limit on tokens. By default 32 pairs and 1,024 tokens on a CPU, 256 pairs and 16,384 tokens on a GPU. Scores differ only by floating-point rounding.")
  private Integer batchSize;

  @Option(
      names = "--truncation",
      paramLabel = "T",
      description =
          "Which text is shortened when a pair has too many tokens: longest_first (the longer one, default), only_second or only_first (the default of classify).")
  private String truncation;

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      description =
          "A prompt that is put before each first text, instead of the model's default prompt. An empty value disables the default prompt.")
  private String prompt;

  @Option(
      names = "--prompt-name",
      paramLabel = "NAME",
      description =
          "The name of a prompt of the model, as 'inspect' lists them, that is put before each first text. By default the model's default prompt.")
  private String promptName;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "The number of threads of one forward pass. By default all cores.")
  private Integer threads;

  @Option(
      names = "--allow-slow",
      description =
          "Permit scoring with a bundle of half precision (fp16, bf16) on the CPU, which is several times slower than fp32.")
  private boolean allowSlow;

  @Mixin private final LongDocumentOptions longDocument = new LongDocumentOptions();

  private BatchLimits limits() {
    if (batchSize == null) {
      return BatchLimits.defaultsOf(new Device(device));
    }
    if (batchSize <= 0) {
      throw new CommandFailedException(
          "Invalid --batch-size: %d. It must be positive.".formatted(batchSize));
    }
    return new BatchLimits(batchSize, Integer.MAX_VALUE);
  }

  /**
   * Opens a model.
   *
   * @param model what {@link ModelOptions#MODELS} describes
   * @param defaultTruncation the truncation unless the user chooses one; empty for the library's
   */
  public CrossEncoder open(String model, Optional<Truncation> defaultTruncation) {
    return open(model, options(defaultTruncation));
  }

  /**
   * Opens the first model of a cascade: with the options of the device, the batches and the
   * division of long texts, and its own activation, length, truncation and prompt.
   *
   * @param model what {@link ModelOptions#MODELS} describes
   */
  public CrossEncoder openFirst(String model) {
    CrossEncoderOptions all = options(Optional.empty());
    CrossEncoderOptions options =
        longDocument
            .apply(CrossEncoderOptions.DEFAULT)
            .withEvidence(Evidence.NONE)
            .withDevice(all.device())
            .withLimits(all.limits())
            .withThreads(all.threads());
    return CrossEncoder.open(
        DownloadProgress.resolve(model), allowSlow ? options.withSlowPrecision() : options);
  }

  /**
   * Opens a model of which only the logits are used: its own activation may be unknown.
   *
   * @param model what {@link ModelOptions#MODELS} describes
   */
  public CrossEncoder openForLogits(String model) {
    return open(model, options(Optional.empty()).withActivation(Activation.IDENTITY));
  }

  private CrossEncoder open(String model, CrossEncoderOptions options) {
    Bundle bundle =
        precision == null
            ? DownloadProgress.resolve(model)
            : DownloadProgress.resolve(model, Precision.parse(precision));
    return CrossEncoder.open(bundle, options);
  }

  /**
   * Checks the values of the options, before anything is read or opened.
   *
   * @throws IllegalArgumentException or {@link CommandFailedException} if one is wrong, for any
   *     model
   */
  public void check() {
    options(Optional.empty());
    if (precision != null) {
      Precision.parse(precision);
    }
  }

  private CrossEncoderOptions options(Optional<Truncation> defaultTruncation) {
    CrossEncoderOptions options = CrossEncoderOptions.DEFAULT;
    if (activation.equals("model")) {
      options = options.withoutCalibration();
    } else if (!activation.equals("auto")) {
      options = options.withActivation(Activation.parse(activation));
    }
    if (maxLength != null) {
      options = options.withMaxLength(maxLength);
    }
    if (!Device.isName(device)) {
      throw new CommandFailedException(
          "Invalid --device: %s. It must be cpu, or gpu and a number, such as gpu0."
              .formatted(device));
    }
    options = options.withDevice(new Device(device)).withLimits(limits());
    Optional<Truncation> chosen =
        truncation == null ? defaultTruncation : Optional.of(Truncation.parse(truncation));
    if (chosen.isPresent()) {
      options = options.withTruncation(chosen.get());
    }
    if (prompt != null && promptName != null) {
      throw new CommandFailedException(
          "Invalid --prompt-name: %s. Give it or --prompt, not both.".formatted(promptName));
    }
    if (prompt != null) {
      options = options.withPrompt(prompt);
    }
    if (promptName != null) {
      options = options.withPromptName(promptName);
    }
    options = longDocument.apply(options);
    if (threads != null) {
      options = options.withThreads(threads);
    }
    if (allowSlow) {
      options = options.withSlowPrecision();
    }
    return options;
  }

  /** Whether long texts are divided. */
  public boolean dividesTexts() {
    return longDocument.divides();
  }

  /** Whether evidence is wanted. */
  public boolean wantsEvidence() {
    return longDocument.wantsEvidence();
  }
}
