package dev.crossencoder.cli;

import dev.crossencoder.cli.command.DownloadProgress;
import dev.crossencoder.cli.command.ModelOptions;
import dev.crossencoder.model.bundle.Bundle;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cross-encoder pull}: downloads a model and compiles it into the cache. */
@Command(
    name = "pull",
    description = {
      "Downloads a model of the Hugging Face hub and compiles it into the local cache.",
      "Uses the download cache of the Python library huggingface_hub and the same environment variables: HF_TOKEN, HF_ENDPOINT, HF_HOME, HF_HUB_CACHE, HF_HUB_OFFLINE."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  cross-encoder pull cross-encoder/ms-marco-MiniLM-L6-v2",
      "  HF_ENDPOINT=https://mirror.example cross-encoder pull owner/name@v1.0"
    })
final class PullCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = ModelOptions.MODELS)
  private String model;

  @Override
  public Integer call() {
    Bundle bundle = DownloadProgress.resolve(model);
    spec.commandLine().getOut().print(BundleReport.of(bundle));
    spec.commandLine().getOut().flush();
    return CommandLine.ExitCode.OK;
  }
}
