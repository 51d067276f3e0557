package dev.crossencoder.cli.parity;

import dev.crossencoder.model.TextPair;
import java.util.OptionalDouble;

/**
 * One value that was expected for a pair, and what a model found for it.
 *
 * @param pair the pair
 * @param expected the value, for people
 * @param together what was found when all pairs were scored together, for people
 * @param alone what was found when the pair was scored by itself, for people
 * @param difference the larger of both differences; not a number if what was found is none; none
 *     for labels
 * @param allowed the largest difference that is no failure; none for labels
 * @param holds whether both that was found is what was expected
 */
record Comparison(
    TextPair pair,
    String expected,
    String together,
    String alone,
    OptionalDouble difference,
    OptionalDouble allowed,
    boolean holds) {
  /** The part of the allowed difference that is used up: above 1, or not a number, fails. */
  double usedUp() {
    return difference.orElse(0) / allowed.orElse(1);
  }
}
