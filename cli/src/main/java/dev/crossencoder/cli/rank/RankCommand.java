package dev.crossencoder.cli.rank;

import dev.crossencoder.cli.command.CommandFailedException;
import dev.crossencoder.cli.command.ExitCodes;
import dev.crossencoder.cli.command.InputFile;
import dev.crossencoder.cli.command.ModelOptions;
import dev.crossencoder.cli.command.Progress;
import dev.crossencoder.cli.document.Document;
import dev.crossencoder.cli.document.DocumentFormat;
import dev.crossencoder.cli.document.DocumentReader;
import dev.crossencoder.model.Cascade;
import dev.crossencoder.model.RankOptions;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.operator.CrossEncoderFunctionOptions;
import dev.crossencoder.operator.PairOutcome;
import dev.crossencoder.operator.Stage;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
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
      names = "--cascade-model",
      paramLabel = "MODEL",
      description =
          "A fast model that scores all documents first. The model then scores only the best of them, which come first. The options of the model, such as --activation, do not apply to it.")
  private String cascadeModel;

  @Option(
      names = "--cascade-keep",
      paramLabel = "N",
      description = "With --cascade-model: how many documents the model scores. By default 20.")
  private Integer cascadeKeep;

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
    try (CrossEncoder model = modelOptions.open();
        CrossEncoder first = cascadeModel == null ? null : modelOptions.openFirst(cascadeModel)) {
      checkLabels(model);
      if (first != null) {
        checkLabels(first);
      }
      RankedDocuments ranked = rank(first, model, documents);
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
    if (cascadeKeep != null && cascadeModel == null) {
      throw invalid(
          "--cascade-keep: %d. It belongs to a cascade: name the first model with --cascade-model, or leave it out."
              .formatted(cascadeKeep));
    }
    if (cascadeKeep != null && cascadeKeep <= 0) {
      throw invalid("--cascade-keep: %d. It must be positive.".formatted(cascadeKeep));
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

  /** Ranks documents with a model, or with two if the first one is not null. */
  private RankedDocuments rank(CrossEncoder first, CrossEncoder model, List<Document> documents) {
    List<Integer> valid =
        IntStream.range(0, documents.size())
            .filter(index -> documents.get(index).problem() == null)
            .boxed()
            .toList();
    List<TextPair> pairs =
        valid.stream().map(index -> new TextPair(query, documents.get(index).text())).toList();
    List<PairOutcome> outcomes = score(first == null ? model : first, pairs);
    if (first != null) {
      List<Integer> kept = PairOutcome.forMainModel(Cascade.keep(keep()), outcomes);
      outcomes =
          PairOutcome.merge(outcomes, kept, score(model, kept.stream().map(pairs::get).toList()));
    }
    List<RankedDocuments.Result> scored = new ArrayList<>();
    List<RankedDocuments.Refused> errors = new ArrayList<>();
    Iterator<PairOutcome> next = outcomes.iterator();
    for (int i = 0; i < documents.size(); i++) {
      Document document = documents.get(i);
      if (document.problem() != null) {
        errors.add(new RankedDocuments.Refused(i, document, document.problem()));
        continue;
      }
      PairOutcome outcome = next.next();
      if (outcome.failed()) {
        errors.add(new RankedDocuments.Refused(i, document, outcome.failure().message()));
      } else {
        scored.add(new RankedDocuments.Result(i, document, outcome.score(), outcome.stage()));
      }
    }
    List<Stage> stages =
        first == null ? List.of(stage(model)) : List.of(stage(first), stage(model));
    List<Integer> best =
        Cascade.best(
            scored.stream().map(RankedDocuments.Result::score).toList(),
            scored.stream().map(RankedDocuments.Result::stage).toList(),
            stages.size() - 1,
            rankOptions());
    return new RankedDocuments(
        query, stages, best.stream().map(scored::get).toList(), List.copyOf(errors));
  }

  private static Stage stage(CrossEncoder model) {
    return new Stage(model.bundle().manifest().name(), model.bundle().digest());
  }

  private int keep() {
    return cascadeKeep == null
        ? CrossEncoderFunctionOptions.CASCADE_KEEP.defaultValue()
        : cascadeKeep;
  }

  private RankOptions rankOptions() {
    RankOptions options = RankOptions.ALL;
    options = topN == null ? options : options.withTopN(topN);
    return minScore == null ? options : options.withMinScore(minScore);
  }

  private static List<PairOutcome> score(CrossEncoder model, List<TextPair> pairs) {
    List<PairOutcome> outcomes = new ArrayList<>(pairs.size());
    try (Progress progress = Progress.start("Scoring", "documents", pairs.size())) {
      for (int start = 0; start < pairs.size(); start += CHUNK) {
        int end = Math.min(pairs.size(), start + CHUNK);
        outcomes.addAll(PairOutcome.of(model, pairs.subList(start, end)));
        progress.update(end);
      }
    }
    return outcomes;
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
