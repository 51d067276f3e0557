package dev.crossencoder.cli;

import dev.crossencoder.cli.command.DownloadProgress;
import dev.crossencoder.cli.command.ModelOptions;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cross-encoder inspect}: prints the manifest of a bundle. */
@Command(
    name = "inspect",
    description =
        "Prints the properties of a bundle: name, digest, labels, activation, maximum length and more.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  cross-encoder inspect demo-nli"})
final class InspectCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "BUNDLE", description = ModelOptions.MODELS)
  private String model;

  @Override
  public Integer call() {
    spec.commandLine().getOut().print(BundleReport.of(DownloadProgress.resolve(model)));
    spec.commandLine().getOut().flush();
    return CommandLine.ExitCode.OK;
  }
}
