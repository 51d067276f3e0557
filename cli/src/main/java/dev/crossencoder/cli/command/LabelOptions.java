package dev.crossencoder.cli.command;

import dev.crossencoder.model.classification.CandidateLabels;
import dev.crossencoder.model.classification.ClassifyOptions;
import dev.crossencoder.operator.CrossEncoderFunctionOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options of commands that classify texts. */
public final class LabelOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--labels",
      paramLabel = "A;B;C",
      description =
          "The labels that a text can get, separated by semicolons. A label that contains a semicolon is put in single quotes. In JSON Lines, /POINTER names the array of each record's own labels for 'score'.")
  private String labelList;

  @Option(
      names = "--label",
      paramLabel = "LABEL",
      description =
          "One label, which may contain anything. Can be given several times, also beside --labels.")
  private List<String> singleLabels = List.of();

  @Option(
      names = "--template",
      paramLabel = "TEXT",
      description =
          "With labels: the hypothesis, with {} where the label is inserted. By default 'This example is {}.'")
  private String template;

  @Option(
      names = "--multi-label",
      description =
          "With labels: score each label independently, because several can be true. By default the scores of all labels add up to 1.")
  private boolean multiLabel;

  @Option(
      names = "--entailment-label",
      paramLabel = "NAME",
      description =
          "With labels: the label of the model that means entailment. By default the one whose name starts with 'entail'.")
  private String entailmentLabel;

  /** Returns whether labels are given. */
  public boolean given() {
    return labelList != null || !singleLabels.isEmpty();
  }

  /** Returns the name of an option that is given and has no meaning without labels. */
  public Optional<String> withoutLabels() {
    if (given()) {
      return Optional.empty();
    }
    if (template != null) {
      return Optional.of("--template");
    }
    if (multiLabel) {
      return Optional.of("--multi-label");
    }
    return entailmentLabel == null ? Optional.empty() : Optional.of("--entailment-label");
  }

  /**
   * Returns the labels.
   *
   * @throws CommandLine.ParameterException if there is none, or one is blank or given twice
   */
  public List<String> labels() {
    List<String> labels = new ArrayList<>();
    if (labelList != null) {
      Configuration written = new Configuration();
      written.setString(CrossEncoderFunctionOptions.CLASSIFY_LABELS.key(), labelList);
      labels.addAll(
          CrossEncoderFunctionOptions.read(written, CrossEncoderFunctionOptions.CLASSIFY_LABELS));
    }
    labels.addAll(singleLabels);
    CandidateLabels.problem(labels)
        .ifPresent(
            problem -> {
              throw invalid(
                  "--labels: %s. %s".formatted(labelList == null ? "missing" : labelList, problem));
            });
    return labels;
  }

  /**
   * Returns how texts are classified.
   *
   * @throws CommandLine.ParameterException if the template is invalid
   */
  public ClassifyOptions options() {
    ClassifyOptions options = ClassifyOptions.DEFAULT;
    if (template != null) {
      try {
        options = options.withTemplate(template);
      } catch (IllegalArgumentException e) {
        throw new CommandLine.ParameterException(
            spec.commandLine(),
            e.getMessage().replace("Invalid template", "Invalid --template"),
            e);
      }
    }
    if (multiLabel) {
      options = options.withMultiLabel();
    }
    return entailmentLabel == null ? options : options.withEntailmentLabel(entailmentLabel);
  }

  private CommandLine.ParameterException invalid(String what) {
    return new CommandLine.ParameterException(spec.commandLine(), "Invalid " + what);
  }
}
