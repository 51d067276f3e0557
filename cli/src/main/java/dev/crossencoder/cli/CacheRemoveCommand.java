package dev.crossencoder.cli;

import dev.crossencoder.cli.command.CommandFailedException;
import dev.crossencoder.model.hub.CachedModel;
import dev.crossencoder.model.hub.ModelHub;
import dev.crossencoder.model.repository.BundleCache;
import dev.crossencoder.model.repository.CachedBundle;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cross-encoder cache remove}. */
@Command(
    name = "remove",
    description = {
      "Removes compiled bundles, or with --downloads the downloads from the Hugging Face hub. Does not ask for confirmation. A removed model is downloaded or compiled again when it is used."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  cross-encoder cache remove cross-encoder/ms-marco-MiniLM-L6-v2",
      "  cross-encoder cache remove --downloads --all"
    })
final class CacheRemoveCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..*",
      paramLabel = "NAME",
      description = "Names of models as 'cache list' prints them. All revisions are removed.")
  private List<String> names = new ArrayList<>();

  @Option(names = "--all", description = "Remove all bundles, or with --downloads all downloads.")
  private boolean all;

  @Option(
      names = "--downloads",
      description = "Remove downloads instead of bundles. Python programs use the same files.")
  private boolean downloads;

  @Override
  public Integer call() throws IOException {
    if (names.isEmpty() != all) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "Invalid arguments: give either names or --all.");
    }
    long freed = downloads ? removeDownloads() : removeBundles();
    PrintWriter out = spec.commandLine().getOut();
    out.printf("Freed %s.%n", CacheListCommand.megabytes(freed));
    out.flush();
    return CommandLine.ExitCode.OK;
  }

  private long removeBundles() throws IOException {
    BundleCache cache = BundleCache.shared();
    Map<String, List<CachedBundle>> byName = new LinkedHashMap<>();
    for (CachedBundle bundle : cache.list()) {
      byName.computeIfAbsent(bundle.name(), name -> new ArrayList<>()).add(bundle);
    }
    long freed = 0;
    for (String name : chosen(List.copyOf(byName.keySet()), "bundle")) {
      for (CachedBundle bundle : byName.get(name)) {
        cache.remove(bundle);
        freed += bundle.bytes();
        say(name, bundle.bytes(), bundle.folder().toString());
      }
    }
    return freed;
  }

  private long removeDownloads() throws IOException {
    ModelHub hub = ModelHub.fromEnvironment();
    Map<String, CachedModel> byName = new LinkedHashMap<>();
    hub.cached().forEach(model -> byName.put(model.repository(), model));
    long freed = 0;
    for (String name : chosen(List.copyOf(byName.keySet()), "download")) {
      long bytes = hub.remove(name).orElse(0L);
      freed += bytes;
      say(name, bytes, byName.get(name).folder().toString());
    }
    return freed;
  }

  /** Checks all names before anything is removed. */
  private List<String> chosen(List<String> known, String kind) {
    if (all) {
      return known;
    }
    for (String name : names) {
      if (!known.contains(name)) {
        throw new CommandFailedException(
            "Cannot remove %s, there is no %s of that name; a folder cannot be removed by its path. 'cross-encoder cache list' lists the names."
                .formatted(name, kind));
      }
    }
    return names.stream().distinct().toList();
  }

  private void say(String name, long bytes, String folder) {
    spec.commandLine()
        .getOut()
        .printf("Removed %s (%s) from %s%n", name, CacheListCommand.megabytes(bytes), folder);
  }
}
