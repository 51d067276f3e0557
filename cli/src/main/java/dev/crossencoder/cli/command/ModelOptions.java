package dev.crossencoder.cli.command;

import dev.crossencoder.model.Activation;
import dev.crossencoder.model.BatchLimits;
import dev.crossencoder.model.Device;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import dev.crossencoder.model.tokenizer.Truncation;
import picocli.CommandLine.Option;

/** The options of every command that scores with a model in this process. */
public final class ModelOptions {

  /** What may be named as a model. */
  public static final String MODELS =
      "A bundle folder, a checkpoint folder, a model of the Hugging Face hub (owner/name or owner/name@revision; downloaded once), demo-qa or demo-nli.";

  @Option(names = "--model", required = true, paramLabel = "MODEL", description = MODELS)
  private String model;

  @Option(
      names = "--activation",
      paramLabel = "A",
      defaultValue = "model",
      description =
          "What turns logits into scores: model (the checkpoint's own, default), identity, sigmoid, softmax, or another of PyTorch's, such as tanh.")
  private String activation;

  @Option(
      names = "--max-length",
      paramLabel = "N",
      description = "The most tokens of a pair, if fewer than the model reads.")
  private Integer maxLength;

  @Option(
      names = "--device",
      paramLabel = "D",
      defaultValue = "cpu",
      description =
          "Where to score: cpu (default), or gpu0, gpu1, … with libtorch's natives for CUDA on the class path.")
  private String device;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      description =
          "The most pairs of one forward pass, however long they are. By default 32 pairs and 1,024 tokens on a CPU, 256 and 16,384 on a GPU. Scores depend on it in the last digits of a float only.")
  private Integer batchSize;

  @Option(
      names = "--truncation",
      paramLabel = "T",
      defaultValue = "longest_first",
      description =
          "Which text is shortened when a pair has too many tokens: longest_first (the longer one, default), only_second or only_first.")
  private String truncation;

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      description =
          "What stands before each first text, instead of the model's own prompt; an empty one turns that off.")
  private String prompt;

  @Option(
      names = "--prompt-name",
      paramLabel = "NAME",
      description =
          "Which of the model's prompts stands before each first text, as 'inspect' lists them; by default the one that the model names.")
  private String promptName;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "The threads of one forward pass. By default all cores.")
  private Integer threads;

  @Option(
      names = "--allow-slow",
      description =
          "Score with a bundle of half precision on the CPU, several times slower than with fp32.")
  private boolean allowSlow;

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

  public CrossEncoder open() {
    CrossEncoderOptions options = CrossEncoderOptions.DEFAULT;
    if (!activation.equals("model")) {
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
    options = options.withTruncation(Truncation.parse(truncation));
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
    if (threads != null) {
      options = options.withThreads(threads);
    }
    if (allowSlow) {
      options = options.withSlowPrecision();
    }
    Bundle bundle = DownloadProgress.resolve(model);
    return CrossEncoder.open(bundle, options);
  }
}
