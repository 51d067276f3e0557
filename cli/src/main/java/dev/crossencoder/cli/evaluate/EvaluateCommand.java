package dev.crossencoder.cli.evaluate;

import dev.crossencoder.cli.command.CommandFailedException;
import dev.crossencoder.cli.command.ExitCodes;
import dev.crossencoder.cli.command.ModelOptions;
import dev.crossencoder.cli.command.ScoringOptions;
import dev.crossencoder.evaluation.statistics.PairedBootstrap;
import dev.crossencoder.model.scoring.CrossEncoder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
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
      "  cross-encoder evaluate demo-qa --topics topics.tsv --corpus corpus.jsonl --run bm25.trec --qrels qrels.txt",
      "  cross-encoder evaluate demo-qa --beir scifact --run bm25.trec --fail-below ndcg@10=0.65",
      "  cross-encoder evaluate demo-nli --pairs snli.tsv --label-map 0=entailment,1=neutral,2=contradiction",
      "  cross-encoder evaluate demo-qa --pairs pairs.jsonl --compare precision=int8",
      "  cross-encoder evaluate --pairs scored.jsonl --gold /label --result /cross_encoder/score",
      "  cross-encoder evaluate --run bm25.trec --qrels qrels.txt --json"
    })
public final class EvaluateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "MODEL", description = ModelOptions.MODELS)
  private String model;

  @Mixin private ScoringOptions scoringOptions;
  @Mixin private final RankingInput rankingInput = new RankingInput();
  @Mixin private final PairInput pairInput = new PairInput();

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

  @Option(
      names = "--fail-below",
      paramLabel = "FIGURE=X",
      description =
          "End with exit code 3 if a figure is below a limit, such as ndcg@10=0.70. Can be given several times.")
  private List<String> failBelow = List.of();

  @Option(names = "--json", description = "Print a JSON object on one line.")
  private boolean json;

  @Option(
      names = "--markdown",
      paramLabel = "FILE",
      description = "Also write the report to a file, as Markdown.")
  private Path markdown;

  @Override
  public Integer call() throws IOException {
    check();
    List<Limit> limits = failBelow.stream().map(Limit::parse).toList();
    // The files are read first: if this fails, no model is loaded.
    EvaluationTask task =
        rankingInput.given() ? rankingInput.task(model != null) : pairInput.task();
    Report report = model == null ? recorded(task, limits) : evaluate(task, limits);
    print(report);
    return underLimits(report, limits) ? ExitCodes.BELOW_LIMIT : CommandLine.ExitCode.OK;
  }

  private void check() {
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

  private CommandLine.ParameterException invalid(String what) {
    return new CommandLine.ParameterException(spec.commandLine(), "Invalid " + what);
  }

  private Report recorded(EvaluationTask task, List<Limit> limits) {
    Outcomes outcomes =
        task.recorded()
            .orElseThrow(
                () -> invalid("MODEL: missing. These samples have no order without a model."));
    checkLimits(task, limits);
    return ReportBuilder.recorded(task, outcomes);
  }

  private Report evaluate(EvaluationTask task, List<Limit> limits) {
    ReportBuilder report;
    try (CrossEncoder first = scoringOptions.open(model, Optional.empty())) {
      task.check(first.bundle().manifest().labels());
      checkLimits(task, limits);
      report = ReportBuilder.of(task, PairScoring.score(task, first, ""));
    }
    if (compare == null) {
      return report.report();
    }
    ComparedModel compared = ComparedModel.parse(compare, model);
    try (CrossEncoder second = compared.open(spec.commandLine().getParseResult())) {
      task.check(second.bundle().manifest().labels());
      return report
          .compare(
              PairScoring.score(task, second, compared.text()),
              new PairedBootstrap(resamples, seed))
          .report();
    }
  }

  /** Checks before anything is scored that the figures of limits will be there. */
  private static void checkLimits(EvaluationTask task, List<Limit> limits) {
    for (Limit limit : limits) {
      if (!task.possibleFigures().contains(limit.figure())) {
        throw new CommandFailedException(
            "Invalid --fail-below: %s. The figures are %s."
                .formatted(limit.figure(), String.join(", ", task.possibleFigures())));
      }
    }
  }

  private void print(Report report) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    ReportText text = new ReportText(report);
    if (json) {
      out.println(ReportJson.of(report));
    } else {
      out.print(text.plain());
      report.notes().forEach(out::println);
    }
    out.flush();
    if (markdown != null) {
      Files.writeString(markdown, text.markdown());
    }
  }

  /** Reports the figures that are below their limits, and returns whether there are any. */
  private boolean underLimits(Report report, List<Limit> limits) {
    List<String> failures = new ArrayList<>();
    for (Limit limit : limits) {
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
    failures.forEach(spec.commandLine().getErr()::println);
    spec.commandLine().getErr().flush();
    return !failures.isEmpty();
  }
}
