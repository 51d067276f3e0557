package dev.crossencoder.cli.catalog;

import dev.crossencoder.cli.command.CommandFailedException;
import dev.crossencoder.job.change.ChangeRequest;
import dev.crossencoder.job.change.ModelStatus;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code cross-encoder models rollback}: lets a running job use its previous model again. */
@Command(
    name = "rollback",
    description = "Lets a running job use the model again that it used before the last change.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  cross-encoder models rollback --job job.yaml"})
final class RollbackCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private JobModels models;
  @Mixin private WaitOption wait;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "Which one of the job's models, if the job has several.")
  private String name;

  @Override
  public Integer call() throws InterruptedException {
    ModelStatus status = models.status(name);
    ModelStatus.Revision previous = status.previous();
    if (previous == null) {
      throw new CommandFailedException(
          "There is no model to go back to: the job uses %s since it began."
              .formatted(status.active()));
    }
    PrintWriter out = spec.commandLine().getOut();
    models.change(
        new ChangeRequest(status.name(), previous.model(), previous.digest(), null),
        wait.duration(spec.commandLine()),
        line -> {
          out.println(line);
          out.flush();
        });
    return CommandLine.ExitCode.OK;
  }
}
