package dev.crossencoder.cli.parity;

import dev.crossencoder.model.TextPair;
import java.util.OptionalDouble;

/**
 * An expected value of a pair and the values that a model computed.
 *
 * @param pair the pair
 * @param expected the expected value, formatted
 * @param together the value when all pairs were scored together, formatted
 * @param alone the value when the pair was scored alone, formatted
 * @param difference the larger one of the two absolute differences; NaN if a computed value is NaN;
 *     empty for labels
 * @param allowed the largest difference that passes; empty for labels
 * @param holds whether both computed values pass
 */
record Comparison(
    TextPair pair,
    String expected,
    String together,
    String alone,
    OptionalDouble difference,
    OptionalDouble allowed,
    boolean holds) {
  /** Returns the difference divided by the allowed difference. A value above 1, or NaN, fails. */
  double usedUp() {
    return difference.orElse(0) / allowed.orElse(1);
  }
}
