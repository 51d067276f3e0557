package dev.crossencoder.cli.evaluate;

import java.util.List;
import java.util.Locale;

/** What the results of labelled pairs are: the values of {@code --task}. */
enum PairKind {
  /** Results are labels, which shall be the gold ones. */
  CLASSIFICATION,
  /** Results are scores, which shall separate pairs with gold 1 from those with gold 0. */
  BINARY,
  /** Results are scores, which shall correlate with the numbers of gold. */
  SIMILARITY;

  /** All figures that there may be. */
  List<String> figures() {
    return switch (this) {
      case CLASSIFICATION -> LabelOutcomes.FIGURES;
      case BINARY -> ScoreOutcomes.BINARY_FIGURES;
      case SIMILARITY -> ScoreOutcomes.SIMILARITY_FIGURES;
    };
  }

  /** The name in reports. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
