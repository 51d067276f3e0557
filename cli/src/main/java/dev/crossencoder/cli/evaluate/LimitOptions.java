package dev.crossencoder.cli.evaluate;

import dev.crossencoder.cli.command.CommandFailedException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The limits of figures. */
final class LimitOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--fail-below",
      paramLabel = "FIGURE=X",
      description =
          "End with exit code 3 if a figure is below a limit, such as ndcg@10=0.70. Can be given several times.")
  private List<String> failBelow = List.of();

  /** Checks the form of the limits, before any file is read. */
  void check() {
    limits();
  }

  /** Checks before anything is scored that the figures of limits will be there. */
  void check(EvaluationTask task) {
    for (Limit limit : limits()) {
      if (!task.possibleFigures().contains(limit.figure())) {
        throw new CommandLine.ParameterException(
            spec.commandLine(),
            "Invalid --fail-below: %s. The figures are %s."
                .formatted(limit.figure(), String.join(", ", task.possibleFigures())));
      }
    }
  }

  /** Reports the figures that are below their limits, and returns whether there are any. */
  boolean below(Report report) {
    List<String> failures = new ArrayList<>();
    for (Limit limit : limits()) {
      double value =
          report.rows().stream()
              .filter(row -> row.name().equals(limit.figure()))
              .findFirst()
              .orElseThrow(
                  () ->
                      new CommandFailedException(
                          "Cannot check --fail-below, there is no %s: the scores of the model are not all from 0 to 1."
                              .formatted(limit.figure())))
              .value();
      if (!(value >= limit.value())) {
        failures.add(
            String.format(
                Locale.ROOT, "%s is %.4f, below %s.", limit.figure(), value, limit.value()));
      }
    }
    PrintWriter err = spec.commandLine().getErr();
    failures.forEach(err::println);
    err.flush();
    return !failures.isEmpty();
  }

  private List<Limit> limits() {
    try {
      return failBelow.stream().map(Limit::parse).toList();
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
