package dev.crossencoder.cli.parity;

import dev.crossencoder.model.Activation;
import dev.crossencoder.model.TextPair;
import java.util.List;
import java.util.Optional;

/**
 * Pairs with the expected values of one model.
 *
 * @param activation the activation with which the expected scores were computed; the model's own if
 *     empty
 * @param tolerance the allowed difference, as a multiple of max(1, |expected|)
 * @param source where the values were published
 * @param pairs the pairs
 */
record GoldenGroup(
    Optional<Activation> activation,
    double tolerance,
    Optional<String> source,
    List<GoldenPair> pairs) {
  GoldenGroup {
    pairs = List.copyOf(pairs);
  }

  GoldenGroup withTolerance(double newTolerance) {
    return new GoldenGroup(activation, newTolerance, source, pairs);
  }

  /**
   * A pair with its expected value.
   *
   * @param where the position in the file, for messages
   */
  record GoldenPair(String where, TextPair pair, Expected expected) {}
}
