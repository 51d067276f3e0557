package dev.crossencoder.cli.classify;

import dev.crossencoder.cli.command.ExitCodes;
import dev.crossencoder.cli.command.InputFile;
import dev.crossencoder.cli.command.LabelOptions;
import dev.crossencoder.cli.command.ModelOptions;
import dev.crossencoder.cli.command.Progress;
import dev.crossencoder.cli.document.Document;
import dev.crossencoder.cli.document.DocumentFormat;
import dev.crossencoder.cli.document.DocumentReader;
import dev.crossencoder.model.PairTooLongException;
import dev.crossencoder.model.classification.Classification;
import dev.crossencoder.model.classification.ClassifyOptions;
import dev.crossencoder.model.scoring.CrossEncoder;
import java.io.IOException;
import java.io.PrintWriter;
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

/** {@code cross-encoder classify}: finds the labels that texts entail. */
@Command(
    name = "classify",
    description = {
      "Classifies texts with labels of your choice, without training, and prints the best labels.",
      "The model is an NLI model: it scores how well a text entails the template with each label.",
      "Texts that cannot be classified are reported on standard error. The exit code is then 1."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  cross-encoder classify --model demo-nli --labels 'sport;food;travel' --text 'The bread was warm.'",
      "  cross-encoder classify --model demo-nli --labels 'sport;food' --template 'This is about {}.' texts.txt",
      "  cross-encoder classify --model demo-nli --labels 'late;broken' --multi-label tickets.csv --text-field body --json"
    })
public final class ClassifyCommand implements Callable<Integer> {
  /** The number of pairs after which the progress is updated. */
  private static final int CHUNK_PAIRS = 256;

  @Spec private CommandSpec spec;
  @Mixin private ModelOptions modelOptions;
  @Mixin private LabelOptions labelOptions;

  @Option(
      names = "--top-n",
      paramLabel = "N",
      description =
          "The number of labels to print for each text. By default all; the table shows one if there are several texts.")
  private Integer topN;

  @Option(
      names = "--text",
      paramLabel = "TEXT",
      description = "A text to classify, instead of files.")
  private String text;

  @Option(
      names = "--format",
      paramLabel = "F",
      description = {
        "How files hold texts: lines (each line is one), files (each file is one), jsonl, csv or tsv.",
        "By default the extension of each file, or lines if it is unknown. CSV and TSV need a header."
      })
  private DocumentFormat format;

  @Option(
      names = "--text-field",
      paramLabel = "POINTER|NAME",
      description =
          "The JSON Pointer of a text, or the name of its column. By default text, or content if there is no text.")
  private String textField;

  @Option(names = "--json", description = "Print a JSON object on one line for each text.")
  private boolean json;

  @Parameters(
      arity = "0..*",
      paramLabel = "FILE",
      description = "The files with texts, in UTF-8; - is standard input (default).")
  private List<String> files = List.of();

  @Override
  public Integer call() throws IOException {
    List<String> labels = labelOptions.labels();
    ClassifyOptions options = labelOptions.options();
    checkInput();
    // The files are read first: if this fails, no model is loaded.
    List<Document> documents = read();
    try (CrossEncoder model = modelOptions.open()) {
      ClassifiedDocuments classified = classify(model, documents, labels, options);
      print(classified, documents.size());
      return classified.complete() ? CommandLine.ExitCode.OK : ExitCodes.FAILURE;
    }
  }

  private void checkInput() {
    if (modelOptions.dividesTexts()) {
      throw invalid(
          "--long-document: classification reads a text up to what fits beside a label. Leave the option out.");
    }
    if (modelOptions.wantsEvidence()) {
      throw invalid("--evidence: a classification has none. Leave the option out.");
    }
    if (topN != null && topN <= 0) {
      throw invalid("--top-n: %d. It must be positive.".formatted(topN));
    }
    if (text != null && !files.isEmpty()) {
      throw invalid("--text: there are files too. Give a text or files, not both.");
    }
    if (textField != null && reader().anyInJson(files) && !textField.startsWith("/")) {
      throw invalid(
          "--text-field: %s. In JSON it must be a pointer, such as /text; names of columns are for csv and tsv."
              .formatted(textField));
    }
    if (files.stream().filter(InputFile.STANDARD_INPUT::equals).count() > 1) {
      throw invalid("FILE: -. Standard input can be read once only.");
    }
  }

  private CommandLine.ParameterException invalid(String what) {
    return new CommandLine.ParameterException(spec.commandLine(), "Invalid " + what);
  }

  private DocumentReader reader() {
    return new DocumentReader(format, textField, "--text-field");
  }

  private List<Document> read() throws IOException {
    if (text != null) {
      return List.of(Document.of("--text", null, text));
    }
    return reader().readAll(files.isEmpty() ? List.of(InputFile.STANDARD_INPUT) : files);
  }

  private ClassifiedDocuments classify(
      CrossEncoder model, List<Document> documents, List<String> labels, ClassifyOptions options) {
    int chunk = Math.max(1, CHUNK_PAIRS / labels.size());
    List<ClassifiedDocuments.Entry> entries = new ArrayList<>();
    try (Progress progress = Progress.start("Classifying", "texts", documents.size())) {
      for (int start = 0; start < documents.size(); start += chunk) {
        int end = Math.min(documents.size(), start + chunk);
        entries.addAll(classifyChunk(model, documents.subList(start, end), labels, options));
        progress.update(end);
      }
    }
    return new ClassifiedDocuments(
        model.bundle().manifest().name(), model.bundle().digest(), List.copyOf(entries));
  }

  /** Classifies documents together; if a pair is too long, one by one, so that it is found. */
  private static List<ClassifiedDocuments.Entry> classifyChunk(
      CrossEncoder model, List<Document> documents, List<String> labels, ClassifyOptions options) {
    List<String> texts =
        documents.stream()
            .filter(document -> document.problem() == null)
            .map(Document::text)
            .toList();
    List<ClassifiedDocuments.Entry> entries = new ArrayList<>();
    try {
      List<Classification> results = model.classify(texts, labels, options);
      int next = 0;
      for (Document document : documents) {
        entries.add(
            document.problem() == null
                ? ClassifiedDocuments.Entry.of(document, results.get(next++))
                : ClassifiedDocuments.Entry.failed(document, document.problem()));
      }
    } catch (PairTooLongException e) {
      if (documents.size() == 1) {
        return List.of(ClassifiedDocuments.Entry.failed(documents.get(0), e.getMessage()));
      }
      for (Document document : documents) {
        entries.addAll(classifyChunk(model, List.of(document), labels, options));
      }
    }
    return entries;
  }

  private void print(ClassifiedDocuments classified, int documents) {
    PrintWriter err = spec.commandLine().getErr();
    classified
        .failures()
        .forEach(entry -> err.printf("%s: %s%n", entry.document().source(), entry.failure()));
    if (documents == 0) {
      err.println("There is no text to classify.");
    }
    err.flush();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      classified.json(topN == null ? Integer.MAX_VALUE : topN).forEach(out::println);
    } else if (classified.anyResult()) {
      int all = documents == 1 ? Integer.MAX_VALUE : 1;
      out.print(classified.table(topN == null ? all : topN));
    }
    out.flush();
  }
}
