package dev.crossencoder.cli.score;

import dev.crossencoder.model.RankOptions;
import dev.crossencoder.operator.CrossEncoderFunctionOptions;
import dev.crossencoder.operator.InvalidOptionException;
import dev.crossencoder.operator.LabelThresholds;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Which results are written, and what they contain. */
final class ResultOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(names = "--logits", description = "Add the logits to each result.")
  private boolean logits;

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

  boolean logits() {
    return logits;
  }

  Integer topN() {
    return topN;
  }

  Float minScore() {
    return minScore;
  }

  String labelThreshold() {
    return labelThreshold;
  }

  int maxDocuments() {
    return maxDocuments;
  }

  boolean returnDocuments() {
    return returnDocuments;
  }

  /** Returns which documents, or records, have a result. */
  RankOptions ranking() {
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

  /** Checks the form of the thresholds. */
  void checkThresholds() {
    try {
      thresholds();
    } catch (InvalidOptionException e) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), OptionNames.in(e.getMessage()), e);
    }
  }

  /** Returns the thresholds of labels. */
  LabelThresholds thresholds() {
    Configuration written = new Configuration();
    if (labelThreshold != null) {
      written.setString(CrossEncoderFunctionOptions.LABEL_THRESHOLD.key(), labelThreshold);
    }
    return LabelThresholds.from(written);
  }

  private CommandLine.ParameterException invalid(String what) {
    return new CommandLine.ParameterException(spec.commandLine(), "Invalid " + what);
  }
}
