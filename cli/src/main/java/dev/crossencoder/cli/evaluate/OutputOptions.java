package dev.crossencoder.cli.evaluate;

import dev.crossencoder.cli.command.CommandFailedException;
import dev.crossencoder.operator.CrossEncoderFunctionOptions;
import dev.crossencoder.operator.ScoreReference;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options for how a report is shown. */
final class OutputOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(names = "--json", description = "Print a JSON object on one line.")
  private boolean json;

  @Option(
      names = "--markdown",
      paramLabel = "FILE",
      description = "Also write the report to a file, as Markdown.")
  private Path markdown;

  @Option(
      names = "--pictures",
      paramLabel = "FOLDER",
      description =
          "Also draw what the first model did: gain by query of a ranking; scores by label and the reliability curve of a binary classification. With --compare, also the gains or scores of both models against each other.")
  private Path pictures;

  @Option(
      names = "--drift-reference",
      paramLabel = "FILE",
      description =
          "Also write the distribution of the first model's scores to a YAML file, for the option cross-encoder.drift.reference of a job.")
  private Path driftReference;

  /** Writes the distribution of scores if the user wants it. */
  void writeReference(ScoreReference reference) throws IOException {
    if (driftReference == null) {
      return;
    }
    if (reference == null) {
      throw new CommandFailedException(
          "Cannot write %s, a distribution needs at least %d scores of one model."
              .formatted(driftReference, ScoreReference.FEWEST));
    }
    Files.writeString(
        driftReference,
        "%s: \"%s\"%n"
            .formatted(CrossEncoderFunctionOptions.DRIFT_REFERENCE.key(), reference.text()));
    say("Wrote %s.".formatted(driftReference));
  }

  /** Checks that the report can be written, before anything is read. */
  void check() {
    Path file = markdown == null ? null : markdown.toAbsolutePath();
    if (file != null && (Files.isDirectory(file) || !Files.isDirectory(file.getParent()))) {
      throw new CommandLine.ParameterException(
          spec.commandLine(),
          Files.isDirectory(file)
              ? "Invalid --markdown: %s. It is a folder.".formatted(markdown)
              : "Invalid --markdown: %s. Its folder does not exist.".formatted(markdown));
    }
  }

  /** Prints a report and writes it to the file of the user, if there is one. */
  void print(Report report) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    ReportText text = new ReportText(report);
    if (json) {
      out.println(ReportJson.of(report));
    } else {
      out.print(text.plain());
      report.notes().forEach(out::println);
    }
    out.flush();
    writeMarkdown(text.markdown());
  }

  /** Writes a text to the file of the user, if there is one. */
  void writeMarkdown(String text) throws IOException {
    if (markdown != null) {
      Files.writeString(markdown, text);
    }
  }

  /**
   * Draws pictures if the user wants them, and says which ones.
   *
   * @param before the outcomes before reranking; null if there are none
   */
  void draw(EvaluationTask task, Outcomes outcomes, Outcomes before) throws IOException {
    if (pictures == null) {
      return;
    }
    List<Path> files = Charts.write(pictures, outcomes, before, task.possibleFigures().get(0));
    if (files.isEmpty()) {
      say("There is no picture of a %s without more data.".formatted(task.name()));
    }
    files.forEach(this::sayDrawn);
  }

  /** Draws both systems against each other if the user wants pictures. */
  void drawComparison(EvaluationTask task, PairScoring first, PairScoring second)
      throws IOException {
    if (pictures != null) {
      ComparisonChart.of(first, second, task.recorded().orElse(null), task.possibleFigures().get(0))
          .write(pictures)
          .ifPresent(this::sayDrawn);
    }
  }

  private void sayDrawn(Path file) {
    say("Drew %s.".formatted(file));
  }

  private void say(String sentence) {
    PrintWriter err = spec.commandLine().getErr();
    err.println(sentence);
    err.flush();
  }
}
