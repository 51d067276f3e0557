package dev.crossencoder.cli.score;

import dev.crossencoder.cli.command.CommandFailedException;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.bundle.BundleManifest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * The columns of a CSV table and of its result.
 *
 * @param inputSize the number of input columns
 * @param kept the indexes of the input columns that are copied
 * @param outputNames the names of the output columns
 * @param text the index of the column with the first text
 * @param textPair the index of the column with the second text
 * @param labels the model's labels, in the order of its logits
 * @param logits whether logits are written
 */
record CsvHeader(
    int inputSize,
    List<Integer> kept,
    List<String> outputNames,
    int text,
    int textPair,
    List<String> labels,
    boolean logits) {
  private static final List<List<String>> USUAL_NAMES =
      List.of(List.of("query", "passage"), List.of("premise", "hypothesis"));

  /**
   * Finds the columns in a header.
   *
   * @throws CommandFailedException if the column of a text is missing or ambiguous, or a column of
   *     the result already exists
   */
  static CsvHeader of(List<String> names, CsvPairs.Columns columns, BundleManifest manifest) {
    List<String> texts = texts(names, columns);
    List<String> added = resultNames(columns, manifest.labels());
    List<String> present = added.stream().filter(names::contains).toList();
    if (!present.isEmpty() && !columns.overwrite()) {
      throw new CommandFailedException(
          "Cannot add the column %s, the file already has it. Choose another --field, or give --overwrite."
              .formatted(present.get(0)));
    }
    if (added.stream().anyMatch(texts::contains)) {
      throw new CommandFailedException(
          "Invalid --field: %s. A column of the result would replace a text."
              .formatted(columns.prefix()));
    }
    List<Integer> kept =
        IntStream.range(0, names.size())
            .filter(i -> !added.contains(names.get(i)))
            .boxed()
            .toList();
    List<String> output = new ArrayList<>(kept.stream().map(names::get).toList());
    output.addAll(added);
    return new CsvHeader(
        names.size(),
        kept,
        List.copyOf(output),
        find(names, texts.get(0)),
        find(names, texts.get(1)),
        manifest.labels(),
        columns.logits());
  }

  private static List<String> texts(List<String> names, CsvPairs.Columns columns) {
    if (columns.text() != null) {
      return List.of(columns.text(), columns.textPair());
    }
    return USUAL_NAMES.stream()
        .filter(names::containsAll)
        .findFirst()
        .orElseThrow(
            () ->
                new CommandFailedException(
                    "Cannot find the two texts, the columns are %s. By default they are query and passage, or premise and hypothesis; name others with --text and --text-pair."
                        .formatted(String.join(", ", names))));
  }

  private static int find(List<String> names, String name) {
    int column = names.indexOf(name);
    if (column < 0 || names.lastIndexOf(name) != column) {
      throw new CommandFailedException(
          "Cannot find the text, %s column is named %s. The columns are %s."
              .formatted(column < 0 ? "no" : "more than one", name, String.join(", ", names)));
    }
    return column;
  }

  private static List<String> resultNames(CsvPairs.Columns columns, List<String> labels) {
    String prefix = columns.prefix() + "_";
    List<String> names = new ArrayList<>(List.of(prefix + "model", prefix + "revision"));
    names.add(prefix + "score");
    if (labels.size() > 1) {
      names.add(prefix + "label");
      new TreeSet<>(labels).forEach(label -> names.add(prefix + "score_" + label));
    }
    names.add(prefix + "truncated");
    if (columns.logits()) {
      if (labels.size() == 1) {
        names.add(prefix + "logit");
      } else {
        new TreeSet<>(labels).forEach(label -> names.add(prefix + "logit_" + label));
      }
    }
    return names;
  }

  /** Returns the texts of a row. */
  TextPair pair(List<String> row) {
    return new TextPair(row.get(text), row.get(textPair));
  }

  /** Returns the output row for an input row and its score. */
  List<Object> output(List<String> row, Score score, Bundle bundle) {
    List<Object> values = new ArrayList<>(outputNames.size());
    kept.forEach(column -> values.add(row.get(column)));
    values.add(bundle.manifest().name());
    values.add(bundle.digest());
    values.add(score.score());
    if (score.label() != null) {
      values.add(score.label());
      values.addAll(score.scores().values());
    }
    values.add(score.truncated());
    if (logits) {
      Map<String, Float> byLabel = new TreeMap<>();
      for (int i = 0; i < labels.size(); i++) {
        byLabel.put(labels.get(i), score.logits().get(i));
      }
      values.addAll(byLabel.values());
    }
    return values;
  }
}
