package dev.crossencoder.cli.catalog;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.crossencoder.cli.command.TextTable;
import dev.crossencoder.job.change.ModelStatus;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code cross-encoder models status}: shows which models a job uses. */
@Command(
    name = "status",
    description = "Shows which models a running job uses, and what became of the last changes.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  cross-encoder models status --job job.yaml"})
final class StatusCommand implements Callable<Integer> {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @Spec private CommandSpec spec;
  @Mixin private JobModels models;

  @Option(names = "--json", description = "Write one JSON object for each model.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    Map<String, ModelStatus> statuses = models.statuses();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      for (ModelStatus status : statuses.values()) {
        out.println(MAPPER.writeValueAsString(status));
      }
    } else {
      out.print(TextTable.of(JobModels.table(statuses.values())));
      for (ModelStatus status : statuses.values()) {
        if (status.message() != null) {
          out.println();
          out.println(JobModels.sentence(status) + " " + status.message());
        }
      }
    }
    out.flush();
    return CommandLine.ExitCode.OK;
  }
}
