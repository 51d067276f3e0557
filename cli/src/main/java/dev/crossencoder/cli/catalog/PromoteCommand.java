package dev.crossencoder.cli.catalog;

import dev.crossencoder.job.change.ChangeRequest;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code cross-encoder models promote}: lets a running job use another model. */
@Command(
    name = "promote",
    description = {
      "Lets a running job use another model, without a restart.",
      "All subtasks find, check, load and try it beside the old one. When all are ready, it scores the records that are read from then on. If one cannot use it, the old one goes on, and the exit code is 1."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  cross-encoder models promote --job job.yaml --model /models/reranker-v2",
      "  cross-encoder models promote --job job.yaml --name en --model owner/name@main --wait 0s"
    })
final class PromoteCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private JobModels models;
  @Mixin private WaitOption wait;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "M",
      description = "The model: anything that cross-encoder.model accepts.")
  private String model;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "Which one of the job's models it replaces, if the job has several.")
  private String name;

  @Option(
      names = "--digest",
      paramLabel = "DIGEST",
      description = "The digest that its bundle must have, as 'inspect' prints it.")
  private String digest;

  @Option(
      names = "--from",
      paramLabel = "TIME",
      description =
          "When it is used at the earliest, such as 2026-01-31T00:00:00Z. It is prepared two minutes before.")
  private String from;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    models.change(
        new ChangeRequest(models.checked(name), model, digest, time()),
        wait.duration(spec.commandLine()),
        line -> {
          out.println(line);
          out.flush();
        });
    return CommandLine.ExitCode.OK;
  }

  private Instant time() {
    try {
      return from == null ? null : Instant.parse(from);
    } catch (DateTimeParseException e) {
      throw new CommandLine.ParameterException(
          spec.commandLine(),
          "Invalid --from: %s. It must be a time such as 2026-01-31T00:00:00Z.".formatted(from),
          e);
    }
  }
}
