package dev.crossencoder.cli.catalog;

import dev.crossencoder.model.catalog.CatalogEntry;
import dev.crossencoder.model.catalog.CatalogTask;
import dev.crossencoder.model.catalog.ModelCatalog;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code cross-encoder models}: lists the catalog. Its subcommands are about the models of a job.
 */
@Command(
    name = "models",
    description = {
      "Lists pretrained models by task, with their published quality and speed.",
      "The list helps to choose a model. Other checkpoints with a supported architecture work, too.",
      "The subcommands show and change the models of a running job, with its option model.update topic."
    },
    subcommands = {StatusCommand.class, PromoteCommand.class, RollbackCommand.class},
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  cross-encoder models --task nli",
      "  cross-encoder models --json",
      "  cross-encoder models promote --job job.yaml --model /models/reranker-v2"
    })
public final class ModelsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--task",
      paramLabel = "TASK",
      description =
          "List only the models of a task: ms-marco, reranking, qnli, stsb, quora, nli or zero-shot.")
  private String task;

  @Option(
      names = "--json",
      description =
          "Write a JSON list with all properties, such as sources of figures and former names.")
  private boolean json;

  @Override
  public Integer call() {
    List<CatalogEntry> entries = ModelCatalog.shared().entries();
    if (task != null) {
      CatalogTask wanted;
      try {
        wanted = CatalogTask.parse(task);
      } catch (IllegalArgumentException e) {
        throw new CommandLine.ParameterException(spec.commandLine(), e.getMessage(), e);
      }
      entries = entries.stream().filter(entry -> entry.task() == wanted).toList();
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(CatalogJson.of(entries));
    } else {
      out.print(CatalogReport.of(entries));
    }
    out.flush();
    return CommandLine.ExitCode.OK;
  }
}
