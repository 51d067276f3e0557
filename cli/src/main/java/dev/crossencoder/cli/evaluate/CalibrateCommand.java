package dev.crossencoder.cli.evaluate;

import dev.crossencoder.cli.command.ModelOptions;
import dev.crossencoder.cli.command.ScoringOptions;
import dev.crossencoder.evaluation.InvalidDataException;
import dev.crossencoder.evaluation.calibration.CrossFit;
import dev.crossencoder.model.Activation;
import dev.crossencoder.model.Calibration;
import dev.crossencoder.model.ChunkScore;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.CalibratedBundle;
import dev.crossencoder.model.scoring.CrossEncoder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cross-encoder calibrate}: makes the scores of a model probabilities. */
@Command(
    name = "calibrate",
    description = {
      "Fits a model's scores to labelled pairs and writes a new bundle, whose scores are probabilities.",
      "Platt scaling for a model with one label (gold 0 or 1), temperature scaling for several labels. The pairs should be like those of the stream, and not those that the model was trained on."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  cross-encoder calibrate demo-qa ./demo-qa-calibrated --pairs pairs.jsonl",
      "  cross-encoder calibrate demo-nli ./nli --pairs nli.tsv --label-map 0=entailment,1=neutral,2=contradiction",
      "  cross-encoder calibrate demo-qa ./demo-qa-int8 --precision int8 --pairs pairs.jsonl --pictures pictures"
    })
public final class CalibrateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "MODEL", description = ModelOptions.MODELS)
  private String model;

  @Parameters(
      index = "1",
      paramLabel = "BUNDLE",
      description = "The folder of the new bundle; it must not exist.")
  private Path target;

  @Mixin private ScoringOptions scoringOptions;
  @Mixin private final PairInput pairInput = new PairInput();

  @Option(
      names = "--precisions",
      paramLabel = "P",
      split = ",",
      defaultValue = "0.8,0.9,0.95,0.99",
      description =
          "The precisions whose thresholds are reported. By default 0.8, 0.9, 0.95 and 0.99.")
  private List<Double> precisions;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description =
          "The seed with which pairs are divided into folds for the figures after calibration. By default 42.")
  private long seed;

  @Option(names = "--json", description = "Print a JSON object on one line.")
  private boolean json;

  @Option(
      names = "--pictures",
      paramLabel = "FOLDER",
      description = "Also draw the reliability curve before and after (reliability.png).")
  private Path pictures;

  @Override
  public Integer call() throws IOException {
    check();
    // The pairs are read first: if this fails, no model is loaded.
    PairTask task = pairInput.task();
    CalibrationReport report;
    // The logits are used, so a model whose activation is not known can be calibrated, too.
    try (CrossEncoder opened = scoringOptions.openForLogits(model)) {
      report = calibrate(task, opened);
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(json ? report.json() : report.text());
    if (pictures != null) {
      Files.createDirectories(pictures);
      Charts.reliability(
          report.figures().before(), report.figures().after(), pictures.resolve("reliability.png"));
    }
    out.flush();
    return CommandLine.ExitCode.OK;
  }

  private CalibrationReport calibrate(PairTask given, CrossEncoder opened) throws IOException {
    Bundle source = opened.bundle();
    List<String> labels = source.manifest().labels();
    PairTask task = given.forModel(source.manifest().name(), labels);
    checkGold(task, labels);
    List<Score> scores = PairScoring.scores("calibrate " + model, opened, task.pairs());
    CalibrationSample sample = sample(task, labels, scores);
    Calibration calibration = sample.fit();
    CalibrationFigures figures = CalibrationFigures.of(sample, calibration, precisions, seed);
    List<String> notes = new ArrayList<>(task.notes());
    notes.addAll(sample.notes());
    notes.addAll(figures.notes());
    truncated(scores).ifPresent(notes::add);
    if (labels.size() > 1
        && source.manifest().activation().known().equals(Optional.of(Activation.SIGMOID))) {
      notes.add(
          "The labels of %s are independent (sigmoid), and the calibrated scores add up to 1."
              .formatted(source.manifest().name()));
    }
    // Written last: if something fails before, nothing is left behind.
    Bundle written = CalibratedBundle.write(source, calibration, target);
    return new CalibrationReport(sample.size(), calibration, written, figures, notes);
  }

  /** Checks the gold labels before anything is scored. */
  private void checkGold(PairTask task, List<String> labels) {
    Map<String, Long> counts = task.goldCounts(labels);
    if (labels.size() == 1 && !counts.keySet().stream().allMatch(List.of("0", "1")::contains)) {
      throw new InvalidDataException(
          "Cannot calibrate %s, gold must be 0 or 1 and has other numbers. Map them with --label-map, such as 5=1,0=0; an empty label leaves pairs out."
              .formatted(model));
    }
    if (labels.size() == 1) {
      long positives = counts.getOrDefault("1", 0L);
      long negatives = counts.getOrDefault("0", 0L);
      if (Math.min(positives, negatives) < CrossFit.FOLDS) {
        throw new InvalidDataException(
            "Cannot calibrate with %,d pairs of gold 1 and %,d of gold 0. It takes at least %d of each; some hundreds give a stable result."
                .formatted(positives, negatives, CrossFit.FOLDS));
      }
    } else if (task.size() < 2 * CrossFit.FOLDS) {
      throw new InvalidDataException(
          "Cannot calibrate with %,d pairs. It takes at least %d; some hundreds give a stable result."
              .formatted(task.size(), 2 * CrossFit.FOLDS));
    }
  }

  private static CalibrationSample sample(PairTask task, List<String> labels, List<Score> scores) {
    Outcomes outcomes = task.outcomes(labels, scores);
    if (outcomes instanceof LabelOutcomes found) {
      return CalibrationSample.ofLabels(labels, found.gold(), scores);
    }
    return CalibrationSample.ofScores(((ScoreOutcomes) outcomes).gold(), scores);
  }

  private static Optional<String> truncated(List<Score> scores) {
    long truncated = scores.stream().filter(Score::truncated).count();
    return truncated == 0
        ? Optional.empty()
        : Optional.of("%,d of %,d pairs were truncated.".formatted(truncated, scores.size()));
  }

  /** Checks all options that do not depend on a file or a model. */
  private void check() throws FileAlreadyExistsException {
    CommandLine.ParseResult given = spec.commandLine().getParseResult();
    if (!pairInput.given()) {
      throw invalid("data: missing. Give labelled pairs with --pairs.");
    }
    for (String option : List.of("--result", "--task")) {
      if (given.hasMatchedOption(option)) {
        throw invalid(option + ": a calibration is fitted to the scores of a model. Leave it out.");
      }
    }
    if (given.hasMatchedOption("--activation")) {
      throw invalid(
          "--activation: a calibration replaces the activation. Leave it out, and choose the activation when you score.");
    }
    if (given.matchedOptionValue("--chunk-score", "").equals(ChunkScore.MEAN_TOP_3.key())) {
      throw invalid(
          "--chunk-score: mean-top-3. Its scores are means of probabilities, which are not calibrated. Choose max or first.");
    }
    if (scoringOptions.wantsEvidence()) {
      throw invalid("--evidence: a calibration needs no evidence. Leave it out.");
    }
    for (double precision : precisions) {
      if (!(precision > 0 && precision <= 1)) {
        throw invalid("--precisions: %s. It must be above 0 and at most 1.".formatted(precision));
      }
    }
    try {
      scoringOptions.check();
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    if (Files.exists(target)) {
      throw new FileAlreadyExistsException(
          target.toString(), null, "a bundle is never overwritten, remove it first");
    }
  }

  private CommandLine.ParameterException invalid(String what) {
    return new CommandLine.ParameterException(spec.commandLine(), "Invalid " + what);
  }
}
