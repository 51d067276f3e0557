package dev.crossencoder.cli.score;

import dev.crossencoder.cli.command.CommandFailedException;
import dev.crossencoder.cli.command.ExitCodes;
import dev.crossencoder.cli.command.InputFile;
import dev.crossencoder.cli.command.LabelOptions;
import dev.crossencoder.cli.command.ModelOptions;
import dev.crossencoder.cli.command.Progress;
import dev.crossencoder.cli.command.StandardOutput;
import dev.crossencoder.job.record.JsonScorer;
import dev.crossencoder.job.record.ResultMember;
import dev.crossencoder.model.RankOptions;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.tokenizer.Truncation;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cross-encoder score}: scores JSON Lines, as the Kafka job does, or CSV or TSV files. */
@Command(
    name = "score",
    description = {
      "Scores the records of a JSON Lines, CSV or TSV file, and writes each record with its score as soon as it is scored.",
      "Records that cannot be scored are reported on standard error with their line numbers. The exit code is then 1."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  cross-encoder score --model demo-qa pairs.csv --text question --text-pair answer",
      "  cross-encoder score --model demo-nli tickets.jsonl --text /body --labels 'delivery;billing'",
      "  echo '{\"query\": \"who?\", \"passage\": \"Ada.\"}' | cross-encoder score --model demo-rank"
    })
public final class ScoreCommand implements Callable<Integer> {
  /**
   * The smallest number of records that are scored together, one batch. It grows up to {@link
   * #MAX_CHUNK} while scoring is fast.
   */
  private static final int MIN_CHUNK = 32;

  private static final int MAX_CHUNK = 256;

  /** The target time for which results are held back. */
  private static final long CHUNK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  @Spec private CommandSpec spec;
  @Mixin private ModelOptions modelOptions;
  @Mixin private LabelOptions labelOptions;
  @Mixin private final FieldOptions fields = new FieldOptions();
  @Mixin private final ResultOptions results = new ResultOptions();

  @Option(
      names = "--format",
      paramLabel = "F",
      description =
          "The format of input and output: ${COMPLETION-CANDIDATES}. By default the extension of the file, or jsonl if it is unknown. CSV and TSV need a header and UTF-8.")
  private ScoreFormat format;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "FILE",
      defaultValue = InputFile.STANDARD_INPUT,
      description = "The file to score; - is standard input (default).")
  private String input;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "The file to write. By default standard output.")
  private Path output;

  @Override
  public Integer call() throws IOException, InterruptedException {
    ScoreFormat chosen = format();
    OptionCombination options =
        new OptionCombination(spec.commandLine(), modelOptions, labelOptions, fields, results);
    options.check();
    RankOptions ranking = results.ranking();
    results.checkThresholds();
    if (chosen == ScoreFormat.JSONL) {
      checkPointers();
    } else {
      options.checkTable();
    }
    fields.checkField();
    if (output != null && Files.exists(output) && isInput(output)) {
      throw new CommandFailedException(
          "Cannot write %s, it is the input. Give another --output.".formatted(output));
    }
    // The output is opened last: it is replaced only if input, model and labels can be used.
    try (InputStream in = new BufferedInputStream(InputFile.open(input));
        CrossEncoder model =
            modelOptions.open(
                labelOptions.given() ? Optional.of(Truncation.ONLY_FIRST) : Optional.empty())) {
      PairFile<?> file = fileFor(chosen, in, model, ranking);
      try (OutputStream out = new BufferedOutputStream(openOutput());
          Progress progress = Progress.start("Scoring", "lines", -1)) {
        return score(file, out, progress) == 0 ? CommandLine.ExitCode.OK : ExitCodes.FAILURE;
      }
    }
  }

  private void checkPointers() {
    if (labelOptions.given()) {
      fields.classifyFields(labelOptions);
    } else if (fields.documents() == null) {
      fields.pairFields();
    } else {
      fields.documentFields();
    }
  }

  private PairFile<?> fileFor(
      ScoreFormat format, InputStream in, CrossEncoder model, RankOptions ranking) {
    try {
      return file(format, in, model, ranking);
    } catch (IllegalArgumentException e) {
      throw new CommandFailedException(OptionNames.in(e.getMessage()));
    }
  }

  private PairFile<?> file(
      ScoreFormat format, InputStream in, CrossEncoder model, RankOptions ranking) {
    if (format == ScoreFormat.JSONL) {
      ResultMember member = fields.member(results);
      if (labelOptions.given()) {
        return new JsonLines(
            in,
            JsonScorer.ofLabels(
                model,
                fields.classifyFields(labelOptions),
                labelOptions.labels(),
                labelOptions.options(),
                results.maxDocuments(),
                results.thresholds(),
                member));
      }
      return new JsonLines(
          in,
          fields.documents() == null
              ? JsonScorer.ofPairs(
                  model, fields.pairFields(), member, ranking.minScore(), results.thresholds())
              : JsonScorer.ofDocuments(
                  model,
                  fields.documentFields(),
                  results.returnDocuments(),
                  member,
                  ranking,
                  results.maxDocuments()));
    }
    return new CsvPairs(
        in,
        format == ScoreFormat.CSV ? ',' : '\t',
        InputFile.name(input),
        model,
        fields.columns(results));
  }

  /** Returns the number of records that could not be scored. */
  private <R> long score(PairFile<R> file, OutputStream out, Progress progress)
      throws IOException, InterruptedException {
    long failed = 0;
    long read = 0;
    int chunk = MIN_CHUNK;
    try (ReadAhead<R> records = ReadAhead.start(file, MAX_CHUNK)) {
      for (List<R> next = records.next(chunk); !next.isEmpty(); next = records.next(chunk)) {
        long start = System.nanoTime();
        failed += report(file.score(next, out));
        out.flush();
        read += next.size();
        progress.update(read);
        chunk =
            System.nanoTime() - start < CHUNK_NANOS
                ? Math.min(MAX_CHUNK, 2 * chunk)
                : Math.max(MIN_CHUNK, chunk / 2);
      }
    }
    file.finish(out);
    out.flush();
    return failed;
  }

  private int report(List<PairFile.Refused> refused) {
    PrintWriter err = spec.commandLine().getErr();
    refused.forEach(
        record ->
            err.printf(
                "line %d: %s: %s%n",
                record.line(), record.code(), OptionNames.in(record.message())));
    err.flush();
    return refused.size();
  }

  private ScoreFormat format() {
    ScoreFormat ofInput =
        input.equals(InputFile.STANDARD_INPUT) ? null : ScoreFormat.ofFile(input).orElse(null);
    ScoreFormat ofOutput =
        output == null ? null : ScoreFormat.ofFile(output.toString()).orElse(null);
    ScoreFormat chosen = format != null ? format : ofInput != null ? ofInput : ofOutput;
    if (chosen == null) {
      return ScoreFormat.JSONL;
    }
    if (ofOutput != null && ofOutput != chosen) {
      throw new CommandFailedException(
          "Cannot write %s, the output has the format of the input, which is %s. Name the --output accordingly, or the --format."
              .formatted(output, chosen));
    }
    return chosen;
  }

  private boolean isInput(Path path) throws IOException {
    return !input.equals(InputFile.STANDARD_INPUT) && Files.isSameFile(path, Path.of(input));
  }

  private OutputStream openOutput() throws IOException {
    return output == null ? StandardOutput.open() : Files.newOutputStream(output);
  }
}
