package dev.crossencoder.evaluation.data;

import java.util.List;
import java.util.Optional;

/**
 * Where the parts of a labelled pair are: JSON Pointers, names of columns, or numbers of columns
 * from 1 if the table has no names.
 *
 * @param text the first text; empty for the usual names
 * @param textPair the second text; empty for the usual names
 * @param label the gold label; empty for the usual names
 * @param result what a model has found; empty if it is not read, in which case the texts are
 * @param header whether the first line of a table has names
 */
public record PairColumns(
    Optional<String> text,
    Optional<String> textPair,
    Optional<String> label,
    Optional<String> result,
    boolean header) {
  /** The usual names, and no results. */
  public static final PairColumns USUAL =
      new PairColumns(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), true);

  /** The names of the two texts in common data sets. The first pair that is there is taken. */
  static final List<List<String>> TEXT_NAMES =
      List.of(
          List.of("text", "text_pair"),
          List.of("query", "passage"),
          List.of("premise", "hypothesis"),
          List.of("question", "sentence"),
          List.of("sentence1", "sentence2"),
          List.of("question1", "question2"));

  /** The names of the label in common data sets. The first one that is there is taken. */
  static final List<String> LABEL_NAMES = List.of("label", "gold_label", "is_duplicate", "score");

  public PairColumns {
    if (text.isPresent() != textPair.isPresent()) {
      throw new IllegalArgumentException(
          "Invalid place of a text: %s. The places of both texts must be given, or none."
              .formatted(text.or(() -> textPair).orElseThrow()));
    }
    if (!header && (label.isEmpty() || (text.isEmpty() && result.isEmpty()))) {
      throw new IllegalArgumentException(
          "Cannot read a table without names, unless the numbers of the columns of both texts and of the label are given.");
    }
  }
}
