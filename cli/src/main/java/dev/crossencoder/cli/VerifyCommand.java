package dev.crossencoder.cli;

import dev.crossencoder.cli.command.CommandFailedException;
import dev.crossencoder.cli.command.DownloadProgress;
import dev.crossencoder.cli.command.ModelOptions;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cross-encoder verify}. */
@Command(
    name = "verify",
    description = {
      "Checks that every file of a bundle has its digest, and that the model loads and scores a pair.",
      "The exit code is 1 if a check fails."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  cross-encoder verify ./bundles/ms-marco"})
final class VerifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "BUNDLE", description = ModelOptions.MODELS)
  private String model;

  @Override
  public Integer call() {
    Bundle bundle = DownloadProgress.resolve(model);
    bundle.verify();
    PrintWriter out = spec.commandLine().getOut();
    out.printf("%d files have the digests of the manifest.%n", bundle.manifest().files().size());
    try (CrossEncoder encoder =
        CrossEncoder.open(bundle, CrossEncoderOptions.DEFAULT.withSlowPrecision())) {
      Score score = encoder.score(new TextPair("Does it work?", "Yes, it works."));
      if (!score.isFinite()) {
        throw new CommandFailedException(
            "Cannot use %s, it scores a pair as %s. Its weights are damaged."
                .formatted(model, score.logits()));
      }
      out.println("The model loads and scores.");
    }
    out.println(bundle.digest());
    out.flush();
    return CommandLine.ExitCode.OK;
  }
}
