package dev.crossencoder.cli;

import dev.crossencoder.bundle.CrossEncoder;
import dev.crossencoder.job.JsonScorer;
import dev.crossencoder.job.PairFields;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Scores JSON Lines with the job's own parsing and output contract. */
@Command(
    name = "score",
    description = {
      "Scores JSON Lines: reads one JSON object a line and writes it with its score added.",
      "A line that cannot be scored goes to standard error with its number, and the exit code is 1."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  echo '{\"query\": \"who?\", \"passage\": \"Ada.\"}' | cross-encoder score --model demo-qa"
    })
final class ScoreCommand implements Callable<Integer> {
  private static final String STANDARD_INPUT = "-";

  /** Lines that are read before they are scored: several batches, little memory. */
  private static final int CHUNK_LINES = 256;

  @Spec private CommandSpec spec;
  @Mixin private ModelOptions modelOptions;

  @Option(names = "--logits", description = "Add the logits to each result.")
  private boolean logits;

  @Option(
      names = "--text",
      paramLabel = "POINTER",
      description = "JSON Pointer of the first text. By default /query, else /premise.")
  private String text;

  @Option(
      names = "--text-pair",
      paramLabel = "POINTER",
      description = "JSON Pointer of the second text. By default /passage, else /hypothesis.")
  private String textPair;

  @Option(
      names = "--field",
      paramLabel = "NAME",
      defaultValue = "cross_encoder",
      description = "The name of the member that is added (default: ${DEFAULT-VALUE}).")
  private String field;

  @Option(names = "--overwrite", description = "Replace a member of that name if there is one.")
  private boolean overwrite;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "FILE",
      defaultValue = STANDARD_INPUT,
      description = "What to score; - is standard input (default).")
  private String input;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "Where to write; standard output by default.")
  private Path output;

  @Override
  public Integer call() throws IOException {
    List<PairFields> fields = fields();
    if (output != null && Files.exists(output) && isInput(output)) {
      throw new CommandFailedException(
          "Cannot write %s, it is the input. Give another --output.".formatted(output));
    }
    try (CrossEncoder model = modelOptions.open();
        InputStream in = new BufferedInputStream(openInput());
        OutputStream out = new BufferedOutputStream(openOutput());
        Progress progress = Progress.start("Scoring", "lines", -1)) {
      JsonScorer scorer = new JsonScorer(model, fields, field, overwrite, logits);
      return score(scorer, new LineReader(in), out, progress) == 0
          ? CommandLine.ExitCode.OK
          : CrossEncoderCli.EXIT_FAILURE;
    }
  }

  /** Returns the number of lines that could not be scored. */
  private long score(JsonScorer scorer, LineReader lines, OutputStream out, Progress progress)
      throws IOException {
    long failed = 0;
    List<byte[]> values = new ArrayList<>();
    List<Long> numbers = new ArrayList<>();
    boolean more = true;
    while (more) {
      byte[] line = lines.next();
      more = line != null;
      if (more && line.length > 0) {
        values.add(line);
        numbers.add(lines.number());
      }
      if (values.size() == CHUNK_LINES || !more) {
        failed += write(scorer.score(values), numbers, out);
        values.clear();
        numbers.clear();
        progress.update(lines.number());
      }
    }
    return failed;
  }

  private long write(List<JsonScorer.Outcome> outcomes, List<Long> numbers, OutputStream out)
      throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    long failed = 0;
    for (int i = 0; i < outcomes.size(); i++) {
      JsonScorer.Outcome outcome = outcomes.get(i);
      if (outcome.failure() != null) {
        failed++;
        err.printf(
            "line %d: %s: %s%n",
            numbers.get(i), outcome.failure().code(), outcome.failure().message());
      } else {
        out.write(outcome.value());
        out.write('\n');
      }
    }
    err.flush();
    out.flush();
    return failed;
  }

  private List<PairFields> fields() {
    if (text == null && textPair == null) {
      return PairFields.DEFAULTS;
    }
    if (text == null || textPair == null) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "Invalid options: set both --text and --text-pair, or neither.");
    }
    return List.of(new PairFields(text, textPair));
  }

  private boolean isInput(Path file) throws IOException {
    return !input.equals(STANDARD_INPUT) && Files.isSameFile(file, Path.of(input));
  }

  private InputStream openInput() throws IOException {
    return input.equals(STANDARD_INPUT) ? System.in : Files.newInputStream(Path.of(input));
  }

  private OutputStream openOutput() throws IOException {
    // Not System.out, which does not tell when it cannot write.
    return output == null
        ? new FileOutputStream(FileDescriptor.out)
        : Files.newOutputStream(output);
  }

  /** Splits bytes at line feeds; a carriage return before one is left, as JSON's white space. */
  private static final class LineReader {
    private final InputStream in;
    private long number;

    private LineReader(InputStream in) {
      this.in = in;
    }

    /** The next line without its end, or null at the end. */
    private byte[] next() throws IOException {
      int b = in.read();
      if (b < 0) {
        return null;
      }
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      while (b >= 0 && b != '\n') {
        line.write(b);
        b = in.read();
      }
      number++;
      return line.toByteArray();
    }

    /** The number of the line that was read last, from 1. */
    private long number() {
      return number;
    }
  }
}
