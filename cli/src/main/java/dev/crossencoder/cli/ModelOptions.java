package dev.crossencoder.cli;

import dev.crossencoder.bundle.Activation;
import dev.crossencoder.bundle.Bundle;
import dev.crossencoder.bundle.CrossEncoder;
import dev.crossencoder.bundle.CrossEncoderOptions;
import picocli.CommandLine.Option;

/** The options of every command that scores with a model in this process. */
final class ModelOptions {
  /** What may be named as a model. */
  static final String MODELS =
      "A bundle folder, a checkpoint folder, a model of the Hugging Face hub (owner/name or owner/name@revision; downloaded once), demo-qa or demo-nli.";

  @Option(names = "--model", required = true, paramLabel = "MODEL", description = MODELS)
  private String model;

  @Option(
      names = "--activation",
      paramLabel = "A",
      defaultValue = "model",
      description =
          "What turns logits into scores: model (the checkpoint's own, default), identity, sigmoid or softmax.")
  private String activation;

  @Option(
      names = "--max-length",
      paramLabel = "N",
      description = "The most tokens of a pair, if fewer than the model reads.")
  private Integer maxLength;

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

  CrossEncoder open() {
    CrossEncoderOptions options = CrossEncoderOptions.DEFAULT;
    if (!activation.equals("model")) {
      options = options.withActivation(Activation.parse(activation));
    }
    if (maxLength != null) {
      options = options.withMaxLength(maxLength);
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
