package dev.crossencoder.cli.parity;

import dev.crossencoder.cli.command.CommandFailedException;
import dev.crossencoder.cli.parity.GoldenGroup.GoldenPair;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.ScoreFunction;
import dev.crossencoder.model.TextPair;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * Compares the scores of a model with expected values, twice: with all pairs scored together, and
 * with each pair scored alone.
 */
final class ParityCheck {
  private final List<String> labels;
  private final ScoreFunction ownActivation;
  private final Function<List<TextPair>, List<Score>> scorer;

  /**
   * Creates a check.
   *
   * @param labels the labels of the model in the order of its logits
   * @param ownActivation the activation for groups that name none
   * @param scorer the model; returns one score per pair, in the order of the pairs
   */
  ParityCheck(
      List<String> labels,
      ScoreFunction ownActivation,
      Function<List<TextPair>, List<Score>> scorer) {
    this.labels = List.copyOf(labels);
    this.ownActivation = ownActivation;
    this.scorer = scorer;
  }

  /**
   * Compares every expected value of every pair, in order.
   *
   * @throws CommandFailedException if an expected value does not match the labels of the model; the
   *     message names the pair
   */
  List<Comparison> compare(List<GoldenGroup> groups) {
    for (GoldenGroup group : groups) {
      group.pairs().forEach(this::requireComparable);
    }
    List<TextPair> pairs =
        groups.stream().flatMap(group -> group.pairs().stream()).map(GoldenPair::pair).toList();
    List<Score> together = scorer.apply(pairs);
    List<Comparison> comparisons = new ArrayList<>();
    int next = 0;
    for (GoldenGroup group : groups) {
      for (GoldenPair pair : group.pairs()) {
        Score alone = scorer.apply(List.of(pair.pair())).get(0);
        comparisons.addAll(compare(group, pair, together.get(next), alone));
        next++;
      }
    }
    return comparisons;
  }

  private List<Comparison> compare(
      GoldenGroup group, GoldenPair pair, Score together, Score alone) {
    if (pair.expected() instanceof Expected.Label label) {
      return List.of(compareLabel(pair.pair(), label.name(), together, alone));
    }
    ScoreFunction activation =
        group.activation().<ScoreFunction>map(chosen -> chosen).orElse(ownActivation);
    float[] foundTogether = activation.apply(logits(together));
    float[] foundAlone = activation.apply(logits(alone));
    List<Comparison> comparisons = new ArrayList<>();
    for (Map.Entry<Integer, Double> value : values(pair.expected())) {
      int index = value.getKey();
      comparisons.add(
          compareNumber(
              pair.pair(),
              labels.size() == 1 ? "" : labels.get(index) + " ",
              value.getValue(),
              foundTogether[index],
              foundAlone[index],
              group.tolerance()));
    }
    return comparisons;
  }

  private static Comparison compareNumber(
      TextPair pair,
      String prefix,
      double expected,
      double together,
      double alone,
      double tolerance) {
    // Math.max returns NaN if an argument is NaN, and comparisons with NaN are false.
    double difference = Math.max(Math.abs(together - expected), Math.abs(alone - expected));
    double allowed = tolerance * Math.max(1, Math.abs(expected));
    return new Comparison(
        pair,
        prefix + text(expected),
        text(together),
        text(alone),
        OptionalDouble.of(difference),
        OptionalDouble.of(allowed),
        difference <= allowed);
  }

  private static Comparison compareLabel(
      TextPair pair, String expected, Score together, Score alone) {
    return new Comparison(
        pair,
        expected,
        label(together),
        label(alone),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        label(together).equals(expected) && label(alone).equals(expected));
  }

  /** Returns the winning label. Logits that are not finite have none. */
  private static String label(Score score) {
    return score.isFinite() ? score.label() : "not finite";
  }

  /** Returns the expected values by the index of the logit. */
  private List<Map.Entry<Integer, Double>> values(Expected expected) {
    List<Map.Entry<Integer, Double>> values = new ArrayList<>();
    if (expected instanceof Expected.Value number) {
      values.add(Map.entry(0, number.value()));
    } else if (expected instanceof Expected.Values numbers) {
      for (int i = 0; i < numbers.values().size(); i++) {
        values.add(Map.entry(i, numbers.values().get(i)));
      }
    } else if (expected instanceof Expected.ByLabel byLabel) {
      byLabel
          .values()
          .forEach(
              value -> values.add(Map.entry(labels.indexOf(value.getKey()), value.getValue())));
    }
    return values;
  }

  private void requireComparable(GoldenPair pair) {
    Expected expected = pair.expected();
    if (expected instanceof Expected.Value && labels.size() != 1) {
      throw incomparable(pair, "one number");
    }
    if (expected instanceof Expected.Values numbers && numbers.values().size() != labels.size()) {
      throw incomparable(pair, numbers.values().size() + " numbers");
    }
    if (expected instanceof Expected.Label && labels.size() == 1) {
      throw incomparable(pair, "a label");
    }
    if (expected instanceof Expected.Label label && !labels.contains(label.name())) {
      throw incomparable(pair, "the label " + label.name());
    }
    if (expected instanceof Expected.ByLabel byLabel) {
      for (Map.Entry<String, Double> value : byLabel.values()) {
        if (!labels.contains(value.getKey())) {
          throw incomparable(pair, "the label " + value.getKey());
        }
      }
    }
  }

  private CommandFailedException incomparable(GoldenPair pair, String expected) {
    return new CommandFailedException(
        "Cannot compare %s: it expects %s, and the model has %d %s: %s. These goldens are for another model."
            .formatted(
                pair.where(),
                expected,
                labels.size(),
                labels.size() == 1 ? "label" : "labels",
                String.join(", ", labels)));
  }

  private static float[] logits(Score score) {
    float[] logits = new float[score.logits().size()];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = score.logits().get(i);
    }
    return logits;
  }

  private static String text(double value) {
    return String.format(Locale.ROOT, "%.7f", value);
  }
}
