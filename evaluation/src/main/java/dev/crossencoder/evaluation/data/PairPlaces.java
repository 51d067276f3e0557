package dev.crossencoder.evaluation.data;

import dev.crossencoder.evaluation.InvalidDataException;
import dev.crossencoder.model.TextPair;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The places of a pair in a file: JSON Pointers, or names of columns.
 *
 * @param text null if texts are not read
 * @param textPair null if texts are not read
 * @param result null if results are not read
 */
record PairPlaces(String text, String textPair, String label, String result) {
  /**
   * Finds the places.
   *
   * @param present whether a place is there
   * @param usual turns a usual name into a place
   * @param all the names that are there, for messages
   */
  static PairPlaces find(
      TextFile file,
      PairColumns columns,
      Predicate<String> present,
      Function<String, String> usual,
      String all) {
    String label = columns.label().orElseGet(() -> first(PairColumns.LABEL_NAMES, usual, present));
    List<String> texts =
        columns.text().isPresent()
            ? List.of(columns.text().get(), columns.textPair().orElseThrow())
            : PairColumns.TEXT_NAMES.stream()
                .map(names -> names.stream().map(usual).toList())
                .filter(names -> names.stream().allMatch(present))
                .findFirst()
                .orElse(null);
    if (columns.result().isPresent()) {
      texts = Arrays.asList(null, null);
    }
    if (texts == null) {
      throw new InvalidDataException(
          "Cannot find the two texts in %s, which has %s. Name them with --text and --text-pair."
              .formatted(file.path(), all));
    }
    if (label == null) {
      throw new InvalidDataException(
          "Cannot find the label in %s, which has %s. Name it with --gold."
              .formatted(file.path(), all));
    }
    PairPlaces places =
        new PairPlaces(texts.get(0), texts.get(1), label, columns.result().orElse(null));
    places
        .wanted()
        .filter(place -> !present.test(place))
        .findFirst()
        .ifPresent(
            place -> {
              throw new InvalidDataException(
                  "Cannot find %s in %s, which has %s.".formatted(place, file.path(), all));
            });
    return places;
  }

  private static String first(
      List<String> names, Function<String, String> usual, Predicate<String> present) {
    return names.stream().map(usual).filter(present).findFirst().orElse(null);
  }

  private Stream<String> wanted() {
    return Stream.of(label, text, textPair, result).filter(place -> place != null);
  }

  /** Returns the pair, or null if a part is missing, or its label or result is blank. */
  LabelledPair pair(Function<String, String> value) {
    String gold = value.apply(label);
    if (gold == null || gold.isBlank()) {
      return null;
    }
    if (result != null) {
      String found = value.apply(result);
      return found == null || found.isBlank()
          ? null
          : new LabelledPair(null, gold.strip(), found.strip());
    }
    String first = value.apply(text);
    String second = value.apply(textPair);
    return first == null || second == null
        ? null
        : new LabelledPair(new TextPair(first, second), gold.strip(), null);
  }
}
