package dev.crossencoder.cli.evaluate;

import dev.crossencoder.cli.command.CommandFailedException;
import dev.crossencoder.cli.command.ExitCodes;
import dev.crossencoder.cli.command.ModelOptions;
import dev.crossencoder.cli.command.ScoringOptions;
import dev.crossencoder.evaluation.InvalidDataException;
import dev.crossencoder.evaluation.statistics.PairedBootstrap;
import dev.crossencoder.model.bundle.BundleManifest;
import dev.crossencoder.model.catalog.ModelCatalog;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.operator.CrossEncoderFunctionOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cross-encoder evaluate}: measures the quality of a model on data with gold. */
@Command(
    name = "evaluate",
    description = {
      "Measures how good a model is on a test collection or on labelled pairs. Without a model, measures a run or recorded results.",
      "Figures equal those of trec_eval, scikit-learn and scipy. The exit code is 3 if a figure is below a limit of --fail-below."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  cross-encoder evaluate demo-rank --topics topics.tsv --corpus corpus.jsonl --run bm25.trec --qrels qrels.txt",
      "  cross-encoder evaluate demo-rank --beir scifact --run bm25.trec --fail-below ndcg@10=0.65",
      "  cross-encoder evaluate demo-rank --beir scifact --run bm25.trec --cascade-model demo-qa --cascade-keep 20",
      "  cross-encoder evaluate demo-nli --pairs snli.tsv --label-map 0=entailment,1=neutral,2=contradiction",
      "  cross-encoder evaluate demo-qa --pairs pairs.jsonl --compare precision=int8 --pictures pictures",
      "  cross-encoder evaluate --pairs scored.jsonl --gold /label --result /cross_encoder/score",
      "  cross-encoder evaluate --run bm25.trec --qrels qrels.txt --json",
      "  cross-encoder evaluate cross-encoder/stsb-roberta-base --preset stsb --data stsbenchmark"
    })
public final class EvaluateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "MODEL", description = ModelOptions.MODELS)
  private String model;

  @Mixin private ScoringOptions scoringOptions;
  @Mixin private final RankingInput rankingInput = new RankingInput();
  @Mixin private final PairInput pairInput = new PairInput();

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      description =
          "A data set with published figures, which --data contains: ms-marco-dl19, ms-marco-dev, qnli, stsb, quora or mnli-mismatched. The figure of the model in the catalog is shown beside.")
  private String preset;

  @Option(
      names = "--data",
      paramLabel = "FOLDER",
      description = "The folder with the files of --preset, see docs/evaluate.md.")
  private Path dataFolder;

  @Option(
      names = "--all-published",
      description =
          "Evaluate all models of the catalog on the presets whose files --data contains, and print a Markdown table with the published figures. Models that cannot be had are listed; the exit code is then 1.")
  private boolean allPublished;

  @Option(
      names = "--cascade-model",
      paramLabel = "MODEL",
      description =
          "Evaluate a cascade on a test collection: this model scores all documents of a query, and MODEL the best of them. The options of MODEL, such as --activation, do not apply to it.")
  private String cascadeModel;

  @Option(
      names = "--cascade-keep",
      paramLabel = "N",
      description =
          "With --cascade-model: how many documents of a query MODEL scores. By default 20.")
  private Integer cascadeKeep;

  @Option(
      names = "--compare",
      paramLabel = "B",
      description =
          "Compare with another model, or with other options of the same one, such as precision=int8,max-length=128 or model=NAME,truncation=only_second. Gives differences with 95 %% confidence intervals and p-values (paired bootstrap).")
  private String compare;

  @Option(
      names = "--resamples",
      paramLabel = "N",
      defaultValue = "10000",
      description = "The number of resamples of the bootstrap. By default 10,000.")
  private int resamples;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "The seed of the bootstrap. By default 42.")
  private long seed;

  @Mixin private final LimitOptions limits = new LimitOptions();
  @Mixin private final OutputOptions output = new OutputOptions();

  @Override
  public Integer call() throws IOException {
    check();
    if (allPublished) {
      return publishedTable();
    }
    limits.check();
    // The files are read first: if this fails, no model is loaded.
    EvaluationTask task = task();
    Report report = model == null ? recorded(task) : evaluate(task);
    if (preset != null) {
      report = besidePublished(report, preset());
    }
    output.print(report);
    return limits.below(report) ? ExitCodes.BELOW_LIMIT : CommandLine.ExitCode.OK;
  }

  private int publishedTable() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    PublishedTable table =
        PublishedTable.measure(
            dataFolder,
            name -> scoringOptions.open(name, Optional.empty()),
            line -> {
              out.println(line);
              out.flush();
            });
    table.notes().forEach(out::println);
    out.flush();
    output.writeMarkdown(table.markdown());
    return table.complete() ? CommandLine.ExitCode.OK : ExitCodes.FAILURE;
  }

  private Preset preset() {
    return option(() -> Preset.parse(preset));
  }

  private EvaluationTask task() throws IOException {
    if (preset != null) {
      return preset().task(dataFolder);
    }
    return rankingInput.given() ? rankingInput.task(model != null) : pairInput.task();
  }

  /** Adds the published figure, if the catalog has one of this model. */
  private Report besidePublished(Report report, Preset chosen) {
    OptionalDouble published =
        Stream.of(report.system().name(), model)
            .flatMap(name -> ModelCatalog.shared().find(name).stream())
            .map(chosen::published)
            .filter(OptionalDouble::isPresent)
            .findFirst()
            .orElse(OptionalDouble.empty());
    return published.isPresent()
        ? report.withPublished(chosen.figure(), published.getAsDouble())
        : report.withNote(
            "No figure of %s on these data is in the catalog.".formatted(report.system().name()));
  }

  /** Checks all options that do not depend on a file or a model. */
  private void check() {
    if (preset != null || allPublished) {
      checkPreset();
    } else {
      checkData();
    }
    CommandLine.ParseResult given = spec.commandLine().getParseResult();
    OptionRules.ignored(
            given,
            rankingInput.given(),
            pairInput.given(),
            ComparedModel.optionNames(),
            model != null || allPublished)
        .ifPresent(
            what -> {
              throw invalid(what);
            });
    if (model != null || allPublished) {
      option(
          () -> {
            scoringOptions.check();
            return model;
          });
    }
    if (cascadeKeep != null && cascadeKeep <= 0) {
      throw invalid("--cascade-keep: %d. It must be positive.".formatted(cascadeKeep));
    }
    if (compare != null) {
      option(
          () -> {
            ComparedModel.parse(compare, model).check(given);
            return new PairedBootstrap(resamples, seed);
          });
    }
    output.check();
  }

  private void checkData() {
    if (dataFolder != null) {
      throw invalid(
          "--data: it needs --preset or --all-published, which say what the folder contains.");
    }
    if (rankingInput.given() == pairInput.given()) {
      throw invalid(
          rankingInput.given()
              ? "--pairs: there is a test collection, too. Evaluate them apart."
              : "data: missing. Give --run with --qrels, --beir, --samples or --pairs.");
    }
    if (pairInput.given() && (model == null) != pairInput.hasResults()) {
      throw invalid(
          model == null
              ? "MODEL: missing. Give a model, or --result to evaluate what the file already has."
              : "--result: it is evaluated without a model. Leave one of them out.");
    }
    if (compare != null && model == null) {
      throw invalid("--compare: it needs a model to compare with.");
    }
  }

  private void checkPreset() {
    if (rankingInput.given() || pairInput.given()) {
      throw invalid("--preset: there are other data, too. Evaluate them apart.");
    }
    if (allPublished && (model != null || preset != null)) {
      throw invalid(
          "--all-published: it evaluates the models of the catalog. Leave MODEL and --preset out.");
    }
    if (model == null && !allPublished) {
      throw invalid("MODEL: missing. A preset evaluates a model.");
    }
    if (dataFolder == null) {
      throw invalid("--data: missing. Give the folder with the files of the preset.");
    }
    if (preset != null) {
      preset();
    }
  }

  private CommandLine.ParameterException invalid(String what) {
    return new CommandLine.ParameterException(spec.commandLine(), "Invalid " + what);
  }

  /** Returns what an option means; a wrong value ends the command with the code for wrong usage. */
  private <T> T option(Supplier<T> value) {
    try {
      return value.get();
    } catch (InvalidDataException e) {
      throw e;
    } catch (CommandFailedException | IllegalArgumentException e) {
      throw new CommandLine.ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private Report recorded(EvaluationTask task) throws IOException {
    Outcomes outcomes =
        task.recorded()
            .orElseThrow(
                () -> invalid("MODEL: missing. These samples have no order without a model."));
    limits.check(task);
    output.draw(task, outcomes, null);
    return ReportBuilder.recorded(task, outcomes);
  }

  private Report evaluate(EvaluationTask task) throws IOException {
    Optional<ComparedModel> compared =
        Optional.ofNullable(compare).map(value -> ComparedModel.parse(value, model));
    String comparedTask = compared.isPresent() ? checkCompared(task, compared.get()) : null;
    EvaluationTask ofModel;
    ReportBuilder report;
    try (CrossEncoder first = scoringOptions.open(model, Optional.empty())) {
      ofModel = forModel(task, first);
      if (compared.isPresent() && !ofModel.name().equals(comparedTask)) {
        throw new CommandFailedException(
            "Cannot compare %s with %s, the data are a %s for one and a %s for the other."
                .formatted(model, compared.get().model(), ofModel.name(), comparedTask));
      }
      limits.check(ofModel);
      report = ReportBuilder.of(ofModel, score(ofModel, first));
    }
    output.draw(ofModel, report.first().outcomes(), ofModel.recorded().orElse(null));
    output.writeReference(report.first().reference());
    if (compared.isEmpty()) {
      return report.report();
    }
    try (CrossEncoder second = compared.get().open(spec.commandLine().getParseResult())) {
      PairScoring ofSecond =
          PairScoring.score(forModel(task, second), second, compared.get().text());
      output.drawComparison(ofModel, report.first(), ofSecond);
      return report.compare(ofSecond, new PairedBootstrap(resamples, seed)).report();
    }
  }

  /** Scores with a model, or with a cascade of which it is the main model. */
  private PairScoring score(EvaluationTask task, CrossEncoder main) {
    if (cascadeModel == null) {
      return PairScoring.score(task, main, "");
    }
    int keep =
        cascadeKeep == null ? CrossEncoderFunctionOptions.CASCADE_KEEP.defaultValue() : cascadeKeep;
    if (!(task instanceof RankingTask ranking)) {
      throw invalid("--cascade-model: it needs a test collection: --run, --beir or --samples.");
    }
    try (CrossEncoder first = scoringOptions.openFirst(cascadeModel)) {
      EvaluationTask unused = forModel(task, first);
      return CascadeScoring.score(ranking, first, main, keep);
    }
  }

  /**
   * Opens the compared model and closes it again, so that what is wrong with it is found before the
   * first model scores, and both are never in memory together.
   *
   * @return the name of the task for this model
   */
  private String checkCompared(EvaluationTask task, ComparedModel compared) {
    PairedBootstrap.checkSize(task.size());
    try (CrossEncoder second = compared.open(spec.commandLine().getParseResult())) {
      EvaluationTask ofModel = forModel(task, second);
      limits.check(ofModel);
      return ofModel.name();
    }
  }

  private EvaluationTask forModel(EvaluationTask task, CrossEncoder opened) {
    BundleManifest manifest = opened.bundle().manifest();
    return option(() -> task.forModel(manifest.name(), manifest.labels()));
  }
}
