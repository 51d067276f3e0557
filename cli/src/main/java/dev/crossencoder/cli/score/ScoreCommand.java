package dev.crossencoder.cli.score;

import dev.crossencoder.cli.command.CommandFailedException;
import dev.crossencoder.cli.command.ExitCodes;
import dev.crossencoder.cli.command.InputFile;
import dev.crossencoder.cli.command.LabelOptions;
import dev.crossencoder.cli.command.ModelOptions;
import dev.crossencoder.cli.command.Progress;
import dev.crossencoder.cli.command.StandardOutput;
import dev.crossencoder.job.record.ClassifyFields;
import dev.crossencoder.job.record.DocumentFields;
import dev.crossencoder.job.record.InputFraming;
import dev.crossencoder.job.record.JsonScorer;
import dev.crossencoder.job.record.PairFields;
import dev.crossencoder.job.record.ResultMember;
import dev.crossencoder.model.RankOptions;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.tokenizer.Truncation;
import dev.crossencoder.operator.CrossEncoderFunctionOptions;
import dev.crossencoder.operator.InvalidOptionException;
import dev.crossencoder.operator.LabelThresholds;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
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

  @Option(
      names = "--format",
      paramLabel = "F",
      description =
          "The format of input and output: ${COMPLETION-CANDIDATES}. By default the extension of the file, or jsonl if it is unknown. CSV and TSV need a header and UTF-8.")
  private ScoreFormat format;

  @Option(names = "--logits", description = "Add the logits to each result.")
  private boolean logits;

  @Option(
      names = "--text",
      paramLabel = "POINTER|NAME",
      description =
          "The JSON Pointer of the first text, or the name of its column. By default query, or premise if there is no query.")
  private String text;

  @Option(
      names = "--text-pair",
      paramLabel = "POINTER|NAME",
      description =
          "The JSON Pointer of the second text, or the name of its column. By default passage, or hypothesis if there is no passage.")
  private String textPair;

  @Option(
      names = "--input-documents",
      paramLabel = "POINTER",
      description = {
        "The JSON Pointer of an array of documents, such as /documents. Each record's documents are ranked by the query at --text, by default /query.",
        "A document is a string or an object. Needs JSON Lines."
      })
  private String documents;

  @Option(
      names = "--document-text",
      paramLabel = "POINTER",
      description =
          "The JSON Pointer of the text in a document that is an object. By default /text, or /content if there is no /text.")
  private String documentText;

  @Option(
      names = "--top-n",
      paramLabel = "N",
      description =
          "With --input-documents: the number of documents in each result. By default all.")
  private Integer topN;

  @Option(
      names = "--min-score",
      paramLabel = "X",
      description =
          "Leave out records, or with --input-documents the documents of each, with a lower score. Needs JSON Lines.")
  private Float minScore;

  @Option(
      names = "--label-threshold",
      paramLabel = "LABEL=X;...",
      description =
          "Leave out records none of whose labels reaches its threshold, as in 'entailment=0.9;contradiction=0.8'. For models with several labels, and with --labels. Needs JSON Lines.")
  private String labelThreshold;

  @Option(
      names = "--max-documents",
      paramLabel = "N",
      defaultValue = "10000",
      description =
          "With --input-documents: the largest number of documents of a record (default: ${DEFAULT-VALUE}).")
  private int maxDocuments;

  @Option(
      names = "--return-documents",
      description = "With --input-documents: add the text of each document to its result.")
  private boolean returnDocuments;

  @Option(
      names = "--field",
      paramLabel = "NAME",
      defaultValue = "cross_encoder",
      description =
          "The name of the member with the result (default: ${DEFAULT-VALUE}). In CSV and TSV the prefix of the result columns, as in ${DEFAULT-VALUE}_score.")
  private String field;

  @Option(
      names = "--overwrite",
      description = "Replace an existing member, or existing columns, with the name of the result.")
  private boolean overwrite;

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
    checkTexts();
    RankOptions ranking = ranking();
    checkThresholds();
    if (chosen == ScoreFormat.JSONL) {
      if (labelOptions.given()) {
        classifyFields();
      } else if (documents == null) {
        fields();
      } else {
        documentFields();
      }
    } else {
      if (labelOptions.given()) {
        throw invalid("--labels: it needs JSON Lines. 'classify' reads tables, too.");
      }
      checkOnlyJson("--input-documents", documents);
      checkOnlyJson("--min-score", minScore);
      checkOnlyJson("--label-threshold", labelThreshold);
      if (modelOptions.wantsEvidence()) {
        throw invalid("--evidence: it needs JSON Lines; tables have no column for it.");
      }
    }
    if (field.isEmpty() || !StandardCharsets.UTF_8.newEncoder().canEncode(field)) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "Invalid --field: it must be the name of a JSON member.");
    }
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
      ResultMember member = new ResultMember(field, overwrite, logits, InputFraming.NONE);
      if (labelOptions.given()) {
        return new JsonLines(
            in,
            JsonScorer.ofLabels(
                model,
                classifyFields(),
                labelOptions.labels(),
                labelOptions.options(),
                maxDocuments,
                thresholds(),
                member));
      }
      return new JsonLines(
          in,
          documents == null
              ? JsonScorer.ofPairs(model, fields(), member, ranking.minScore(), thresholds())
              : JsonScorer.ofDocuments(
                  model, documentFields(), returnDocuments, member, ranking, maxDocuments));
    }
    return new CsvPairs(
        in,
        format == ScoreFormat.CSV ? ',' : '\t',
        InputFile.name(input),
        model,
        new CsvPairs.Columns(text, textPair, field, overwrite, logits));
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

  private void checkTexts() {
    if (maxDocuments <= 0) {
      throw invalid("--max-documents: %d. It must be positive.".formatted(maxDocuments));
    }
    labelOptions
        .withoutLabels()
        .ifPresent(
            option -> {
              throw invalid(
                  "%s: it needs --labels, the labels that a text can get.".formatted(option));
            });
    if (labelOptions.given()) {
      checkLabelsAlone();
      return;
    }
    if (documents != null) {
      if (labelThreshold != null) {
        throw invalid(
            "--label-threshold: %s. Documents have scores and no labels: use --min-score."
                .formatted(labelThreshold));
      }
      if (textPair != null) {
        throw invalid(
            "--text-pair: with --input-documents, the documents are the second texts. Leave one of the two out.");
      }
      return;
    }
    if (documentText != null || topN != null || returnDocuments) {
      throw invalid(
          "%s: it needs --input-documents, the array of documents to rank."
              .formatted(
                  documentText != null
                      ? "--document-text"
                      : topN != null ? "--top-n" : "--return-documents"));
    }
    if ((text == null) != (textPair == null)) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "Invalid options: set both --text and --text-pair, or neither.");
    }
  }

  private void checkLabelsAlone() {
    if (modelOptions.dividesTexts()) {
      throw invalid(
          "--long-document: classification reads a text up to what fits beside a label. Leave the option out.");
    }
    if (modelOptions.wantsEvidence()) {
      throw invalid("--evidence: a classification has none. Leave the option out.");
    }
    labelOptions.labels();
    labelOptions.options();
    Map<String, Boolean> others = new LinkedHashMap<>();
    others.put("--text-pair", textPair != null);
    others.put("--input-documents", documents != null);
    others.put("--document-text", documentText != null);
    others.put("--top-n", topN != null);
    others.put("--min-score", minScore != null);
    others.put("--return-documents", returnDocuments);
    others.put("--logits", logits);
    others.forEach(
        (option, given) -> {
          if (given) {
            throw invalid(
                "%s: with --labels, the text at --text is classified. Leave one of the two out."
                    .formatted(option));
          }
        });
  }

  private void checkThresholds() {
    try {
      thresholds();
    } catch (InvalidOptionException e) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), OptionNames.in(e.getMessage()), e);
    }
  }

  private void checkOnlyJson(String option, Object value) {
    if (value != null) {
      throw invalid("%s: %s. It needs JSON Lines.".formatted(option, value));
    }
  }

  private CommandLine.ParameterException invalid(String what) {
    return new CommandLine.ParameterException(spec.commandLine(), "Invalid " + what);
  }

  private RankOptions ranking() {
    RankOptions ranking = RankOptions.ALL;
    if (topN != null) {
      if (topN <= 0) {
        throw invalid("--top-n: %d. It must be positive.".formatted(topN));
      }
      ranking = ranking.withTopN(topN);
    }
    if (minScore != null) {
      if (minScore.isNaN()) {
        throw invalid("--min-score: NaN. It must be a number.");
      }
      ranking = ranking.withMinScore(minScore);
    }
    return ranking;
  }

  private LabelThresholds thresholds() {
    Configuration written = new Configuration();
    if (labelThreshold != null) {
      written.setString(CrossEncoderFunctionOptions.LABEL_THRESHOLD.key(), labelThreshold);
    }
    return LabelThresholds.from(written);
  }

  private DocumentFields documentFields() {
    checkPointer("--input-documents", documents);
    if (text != null) {
      checkPointer("--text", text);
    }
    if (documentText != null) {
      checkPointer("--document-text", documentText);
    }
    DocumentFields fields =
        new DocumentFields(
            text == null ? DocumentFields.DEFAULT_QUERY : text,
            documents,
            documentText == null ? DocumentFields.DEFAULT_TEXTS : List.of(documentText));
    if (fields.queryIsInDocuments()) {
      throw invalid(
          "--text: %s. The query must not be part of the documents, %s."
              .formatted(fields.query(), documents));
    }
    fields.pointerInto(field).ifPresent(this::refuseField);
    return fields;
  }

  private ClassifyFields classifyFields() {
    String pointer = ClassifyFields.pointer(labelOptions.labels()).orElse(null);
    if (text != null) {
      checkPointer("--text", text);
    }
    ClassifyFields fields =
        new ClassifyFields(text == null ? ClassifyFields.DEFAULT_TEXT : text, pointer);
    if (fields.textIsInLabels()) {
      throw invalid(
          "--text: %s. The text must not be part of the labels, %s."
              .formatted(fields.text(), pointer));
    }
    fields.pointerInto(field).ifPresent(this::refuseField);
    return fields;
  }

  private void refuseField(String pointer) {
    throw invalid(
        "--field: %s. The pointer %s leads into it, but the result is written there. Choose another name, or another pointer."
            .formatted(field, pointer));
  }

  private List<PairFields> fields() {
    if (text != null) {
      checkPointer("--text", text);
      checkPointer("--text-pair", textPair);
    }
    List<PairFields> fields =
        text == null ? PairFields.DEFAULTS : List.of(new PairFields(text, textPair));
    for (PairFields pair : fields) {
      pair.pointerInto(field).ifPresent(this::refuseField);
    }
    return fields;
  }

  private void checkPointer(String option, String pointer) {
    if (!pointer.startsWith("/")) {
      throw new CommandLine.ParameterException(
          spec.commandLine(),
          "Invalid %s: %s. In JSON it must be a pointer, such as /query; names of columns need --format csv or tsv."
              .formatted(option, pointer.isEmpty() ? "(empty)" : pointer));
    }
  }

  private boolean isInput(Path path) throws IOException {
    return !input.equals(InputFile.STANDARD_INPUT) && Files.isSameFile(path, Path.of(input));
  }

  private OutputStream openOutput() throws IOException {
    return output == null ? StandardOutput.open() : Files.newOutputStream(output);
  }
}
