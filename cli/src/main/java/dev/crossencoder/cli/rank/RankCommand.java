package dev.crossencoder.cli.rank;

import dev.crossencoder.cli.command.CommandFailedException;
import dev.crossencoder.cli.command.ExitCodes;
import dev.crossencoder.cli.command.InputFile;
import dev.crossencoder.cli.command.ModelOptions;
import dev.crossencoder.cli.command.Progress;
import dev.crossencoder.cli.document.Document;
import dev.crossencoder.cli.document.DocumentFormat;
import dev.crossencoder.cli.document.DocumentReader;
import dev.crossencoder.model.RankOptions;
import dev.crossencoder.model.Ranking;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.operator.PairOutcome;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cross-encoder rank}: ranks the documents of files by their relevance to a query. */
@Command(
    name = "rank",
    description = {
      "Ranks documents by their relevance to a query, and prints the best first.",
      "Documents that cannot be scored are reported on standard error. The exit code is then 1."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  cross-encoder rank --model demo-rank --query 'Who built the lighthouse?' passages.txt",
      "  cross-encoder rank --model demo-rank --query 'Who built it?' --format files pages/*.md --top-n 3",
      "  cross-encoder rank --model demo-rank --query 'Who built it?' corpus.jsonl --json"
    })
public final class RankCommand implements Callable<Integer> {
  /** The number of documents after which the progress is updated. */
  private static final int CHUNK = 256;

  @Spec private CommandSpec spec;
  @Mixin private ModelOptions modelOptions;

  @Option(names = "--query", required = true, paramLabel = "TEXT", description = "The query.")
  private String query;

  @Option(
      names = "--top-n",
      paramLabel = "N",
      description = "The number of documents to print. By default all.")
  private Integer topN;

  @Option(
      names = "--min-score",
      paramLabel = "X",
      description = "Print only documents with at least this score.")
  private Float minScore;

  @Option(
      names = "--format",
      paramLabel = "F",
      description = {
        "How files hold documents: lines (each line is one), files (each file is one), jsonl, csv or tsv.",
        "By default the extension of each file, or lines if it is unknown. CSV and TSV need a header."
      })
  private DocumentFormat format;

  @Option(
      names = "--document-text",
      paramLabel = "POINTER|NAME",
      description =
          "The JSON Pointer of a document's text, or the name of its column. By default text, or content if there is no text.")
  private String documentText;

  @Option(names = "--json", description = "Print a JSON object on one line.")
  private boolean json;

  @Option(
      names = "--return-documents",
      description = "Add the texts of the documents to the JSON object.")
  private boolean returnDocuments;

  @Parameters(
      arity = "0..*",
      paramLabel = "FILE",
      description = "The files with documents, in UTF-8; - is standard input (default).")
  private List<String> files = List.of(InputFile.STANDARD_INPUT);

  @Override
  public Integer call() throws IOException {
    check();
    // The files are read first: if this fails, no model is loaded.
    List<Document> documents = reader().readAll(files);
    try (CrossEncoder model = modelOptions.open()) {
      checkLabels(model);
      RankedDocuments ranked = rank(model, documents);
      print(ranked, documents.size());
      return ranked.errors().isEmpty() ? CommandLine.ExitCode.OK : ExitCodes.FAILURE;
    }
  }

  private void check() {
    if (topN != null && topN <= 0) {
      throw invalid("--top-n: %d. It must be positive.".formatted(topN));
    }
    if (minScore != null && minScore.isNaN()) {
      throw invalid("--min-score: NaN. It must be a number.");
    }
    if (returnDocuments && !json) {
      throw invalid("--return-documents: it needs --json. The table shows the documents anyway.");
    }
    if (documentText != null && reader().anyInJson(files) && !documentText.startsWith("/")) {
      throw invalid(
          "--document-text: %s. In JSON it must be a pointer, such as /text; names of columns are for csv and tsv."
              .formatted(documentText));
    }
    if (files.stream().filter(InputFile.STANDARD_INPUT::equals).count() > 1) {
      throw invalid("FILE: -. Standard input can be read once only.");
    }
  }

  private CommandLine.ParameterException invalid(String what) {
    return new CommandLine.ParameterException(spec.commandLine(), "Invalid " + what);
  }

  private DocumentReader reader() {
    return new DocumentReader(format, documentText, "--document-text");
  }

  private static void checkLabels(CrossEncoder model) {
    int labels = model.bundle().manifest().numLabels();
    if (labels != 1) {
      throw new CommandFailedException(
          "Cannot rank with %s, it has %d labels. Ranking takes a model with one label; 'cross-encoder models --task ms-marco' lists some."
              .formatted(model.bundle().manifest().name(), labels));
    }
  }

  private RankedDocuments rank(CrossEncoder model, List<Document> documents) {
    List<RankedDocuments.Result> scored = new ArrayList<>();
    List<RankedDocuments.Refused> errors = new ArrayList<>();
    try (Progress progress = Progress.start("Scoring", "documents", documents.size())) {
      for (int start = 0; start < documents.size(); start += CHUNK) {
        int end = Math.min(documents.size(), start + CHUNK);
        score(model, documents, start, end, scored, errors);
        progress.update(end);
      }
    }
    List<Integer> best =
        Ranking.best(scored.stream().map(RankedDocuments.Result::score).toList(), rankOptions());
    return new RankedDocuments(
        query,
        model.bundle().manifest().name(),
        model.bundle().digest(),
        best.stream().map(scored::get).toList(),
        List.copyOf(errors));
  }

  private RankOptions rankOptions() {
    RankOptions options = RankOptions.ALL;
    options = topN == null ? options : options.withTopN(topN);
    return minScore == null ? options : options.withMinScore(minScore);
  }

  /** Scores the documents from {@code start} to before {@code end}. */
  private void score(
      CrossEncoder model,
      List<Document> documents,
      int start,
      int end,
      List<RankedDocuments.Result> scored,
      List<RankedDocuments.Refused> errors) {
    List<TextPair> pairs =
        documents.subList(start, end).stream()
            .filter(document -> document.problem() == null)
            .map(document -> new TextPair(query, document.text()))
            .toList();
    Iterator<PairOutcome> outcomes = PairOutcome.of(model, pairs).iterator();
    for (int i = start; i < end; i++) {
      Document document = documents.get(i);
      if (document.problem() != null) {
        errors.add(new RankedDocuments.Refused(i, document, document.problem()));
        continue;
      }
      PairOutcome outcome = outcomes.next();
      if (outcome.failure() != null) {
        errors.add(new RankedDocuments.Refused(i, document, outcome.failure().message()));
      } else {
        scored.add(new RankedDocuments.Result(i, document, outcome.score()));
      }
    }
  }

  private void print(RankedDocuments ranked, int documents) {
    PrintWriter err = spec.commandLine().getErr();
    ranked
        .errors()
        .forEach(error -> err.printf("%s: %s%n", error.document().source(), error.message()));
    if (documents == 0) {
      err.println("There is no document to rank.");
    } else if (ranked.results().isEmpty() && ranked.errors().size() < documents) {
      err.println("No document has a score of at least %s.".formatted(minScore));
    }
    err.flush();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(ranked.json(returnDocuments));
    } else if (!ranked.results().isEmpty()) {
      out.print(ranked.table());
    }
    out.flush();
  }
}
