package dev.crossencoder.cli.evaluate;

import dev.crossencoder.evaluation.data.LabelMap;
import dev.crossencoder.evaluation.data.LabelledPair;
import dev.crossencoder.evaluation.data.PairColumns;
import dev.crossencoder.evaluation.data.PairFiles;
import dev.crossencoder.evaluation.data.PairFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options for labelled pairs. */
final class PairInput {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--pairs",
      paramLabel = "FILE",
      description =
          "Labelled pairs: .jsonl, .csv, or a table with tabs and without quotes. A model with several labels is compared by its label; with one label, by its score: with gold of 0 and 1 as a binary classification, else as a similarity.")
  private Path pairs;

  @Option(
      names = "--format",
      paramLabel = "F",
      description =
          "The format of --pairs: jsonl, csv, or tsv (tabs, without quotes). By default that of its extension, or tsv.")
  private PairFormat format;

  @Option(
      names = "--text",
      paramLabel = "POINTER|NAME",
      description =
          "The first text: a JSON Pointer, or a column. By default text, query, premise, question, sentence1 or question1.")
  private String text;

  @Option(
      names = "--text-pair",
      paramLabel = "POINTER|NAME",
      description =
          "The second text. By default text_pair, passage, hypothesis, sentence, sentence2 or question2.")
  private String textPair;

  @Option(
      names = "--gold",
      paramLabel = "POINTER|NAME",
      description = "The gold label. By default label, gold_label, is_duplicate or score.")
  private String gold;

  @Option(
      names = "--result",
      paramLabel = "POINTER|NAME",
      description =
          "A label or a score that a model has found before, such as /cross_encoder/label. It is evaluated without a model.")
  private String result;

  @Option(
      names = "--no-header",
      description = "The table has no names; its columns are given by their numbers, from 1.")
  private boolean noHeader;

  @Option(
      names = "--task",
      paramLabel = "T",
      description =
          "What results are: classification (labels), binary (scores that separate gold 1 from gold 0) or similarity (scores that correlate with gold). By default, it follows from the model or the results, and from gold.")
  private PairKind task;

  @Option(
      names = "--label-map",
      paramLabel = "GOLD=LABEL",
      split = ",",
      description =
          "The label of the model for a gold label, such as 0=entailment. An empty label leaves pairs out.")
  private Map<String, String> labelMap = Map.of();

  /** Whether pairs are given. */
  boolean given() {
    return pairs != null;
  }

  /** Whether results of a model are read. */
  boolean hasResults() {
    return result != null;
  }

  /** Reads the pairs. */
  PairTask task() throws IOException {
    PairColumns columns;
    try {
      columns =
          new PairColumns(
              Optional.ofNullable(text),
              Optional.ofNullable(textPair),
              Optional.ofNullable(gold),
              Optional.ofNullable(result),
              !noHeader);
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    List<LabelledPair> all =
        PairFiles.read(pairs, format == null ? PairFormat.ofFile(pairs) : format, columns);
    List<LabelledPair> mapped = new LabelMap(labelMap).apply(all);
    return PairTask.of(mapped, all.size() - mapped.size(), task);
  }
}
