package dev.crossencoder.cli.parity;

import dev.crossencoder.model.Activation;
import dev.crossencoder.model.TextPair;
import java.util.List;
import java.util.Optional;

/**
 * Pairs with what one model was seen to say of them.
 *
 * @param activation what turned its logits into the expected scores; the model's own if empty
 * @param tolerance by how much a score may differ, as a part of max(1, |expected|)
 * @param source where that was published
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
   * One pair.
   *
   * @param where it stands in its file, for messages
   */
  record GoldenPair(String where, TextPair pair, Expected expected) {}
}
