package dev.crossencoder.cli;

import dev.crossencoder.cli.command.DownloadProgress;
import dev.crossencoder.model.Activation;
import dev.crossencoder.model.Precision;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.Engine;
import dev.crossencoder.model.compiler.BundleBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cross-encoder build}: compiles a checkpoint into a bundle. */
@Command(
    name = "build",
    description = "Compiles a checkpoint into a bundle folder.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  cross-encoder build ./ms-marco-MiniLM-L6-v2 ./bundles/ms-marco",
      "  cross-encoder build cross-encoder/ms-marco-MiniLM-L6-v2 ./for-cpu --precision int8",
      "  cross-encoder build cross-encoder/ms-marco-MiniLM-L6-v2 ./for-gpu --precision fp16"
    })
final class BuildCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "CHECKPOINT",
      description =
          "A folder in Hugging Face layout (config.json, model.safetensors or its shards, a tokenizer's files), or a model of the Hugging Face hub (owner/name[@revision]).")
  private String checkpoint;

  @Parameters(
      index = "1",
      paramLabel = "BUNDLE",
      description = "The folder to write; it must not exist.")
  private Path bundle;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "The name of the model in results. By default the name of the checkpoint.")
  private String name;

  @Option(
      names = "--activation",
      paramLabel = "A",
      description =
          "The activation of the bundle, instead of the checkpoint's own: identity, sigmoid, softmax or another one of PyTorch, such as tanh.")
  private String activation;

  @Option(
      names = "--labels",
      split = ",",
      paramLabel = "L",
      description =
          "The names of the labels in the order of the logits, for a checkpoint that calls them LABEL_0, LABEL_1, …: --labels contradiction,entailment,neutral.")
  private List<String> labels;

  @Option(
      names = "--max-length",
      paramLabel = "N",
      description = "The maximum number of tokens of a pair. By default the limit of the model.")
  private Integer maxLength;

  @Option(
      names = "--precision",
      paramLabel = "P",
      description =
          "The precision of weights and computation: fp32 (default); int8 for CPUs, about twice as fast there; fp16 or bf16 for GPUs.")
  private String precision;

  @Option(
      names = "--engine",
      paramLabel = "E",
      description =
          "The engine that runs the bundle: pytorch (default) or onnxruntime, which supports fp32 and int8. int8 implies onnxruntime.")
  private String engine;

  @Option(
      names = "--onnx-file",
      paramLabel = "FILE",
      description =
          "An ONNX file of the checkpoint, such as onnx/model_O3.onnx, which is used unchanged with onnxruntime. By default the weights are compiled.")
  private String onnxFile;

  @Override
  public Integer call() throws IOException {
    // Check the options before a download starts.
    Optional<Precision> chosenPrecision = Optional.ofNullable(precision).map(Precision::parse);
    Optional<Activation> chosenActivation = Optional.ofNullable(activation).map(Activation::parse);
    Optional<Engine> chosenEngine = Optional.ofNullable(engine).map(Engine::parse);
    BundleBuilder builder =
        onnxFile == null
            ? DownloadProgress.builder(checkpoint)
            : DownloadProgress.onnxBuilder(checkpoint, onnxFile);
    chosenPrecision.ifPresent(builder::precision);
    chosenEngine.ifPresent(builder::engine);
    if (name != null) {
      builder.name(name);
    }
    chosenActivation.ifPresent(builder::activation);
    if (labels != null) {
      builder.labels(labels);
    }
    if (maxLength != null) {
      builder.maxLength(maxLength);
    }
    Bundle built = builder.build(bundle);
    spec.commandLine().getOut().print(BundleReport.of(built));
    spec.commandLine().getOut().flush();
    return CommandLine.ExitCode.OK;
  }
}
