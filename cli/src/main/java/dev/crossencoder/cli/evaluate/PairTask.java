package dev.crossencoder.cli.evaluate;

import dev.crossencoder.evaluation.InvalidDataException;
import dev.crossencoder.evaluation.data.LabelMap;
import dev.crossencoder.evaluation.data.LabelledPair;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Compares labels or scores of pairs with gold.
 *
 * <p>If the model has several labels, its label is compared with the gold one. If it has one, gold
 * consists of numbers: of 0 and 1, which scores shall separate, or of others, with which scores
 * shall correlate.
 */
final class PairTask implements EvaluationTask {
  private static final String CLASSIFICATION = "classification";
  private static final String BINARY = "binary";
  private static final String SIMILARITY = "similarity";

  private final List<LabelledPair> pairs;
  private final int leftOut;
  private final boolean recorded;
  private String name;

  /**
   * Creates a task.
   *
   * @param pairs with the labels of the model
   * @param leftOut how many others were left out
   */
  PairTask(List<LabelledPair> pairs, int leftOut) {
    this.pairs = List.copyOf(pairs);
    this.leftOut = leftOut;
    this.recorded = pairs.get(0).result() != null;
    this.name =
        recorded && !numbers(LabelledPair::result)
            ? CLASSIFICATION
            : binary() ? BINARY : SIMILARITY;
    if (recorded && !name.equals(CLASSIFICATION)) {
      requireNumbers();
    }
  }

  private boolean numbers(Function<LabelledPair, String> value) {
    return pairs.stream().map(value).allMatch(text -> number(text) != null);
  }

  private static Double number(String text) {
    try {
      return Double.valueOf(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private boolean binary() {
    return pairs.stream()
        .map(pair -> number(pair.label()))
        .allMatch(value -> value != null && (value == 0 || value == 1));
  }

  private void requireNumbers() {
    List<LabelledPair> others =
        pairs.stream().filter(pair -> number(pair.label()) == null).toList();
    if (!others.isEmpty()) {
      throw new InvalidDataException(
          "Cannot compare scores with labels, %,d of %,d pairs have labels that are not numbers: %s. Map them to 1 and 0 with --label-map, such as %s=1."
              .formatted(
                  others.size(), pairs.size(), LabelMap.counts(others), others.get(0).label()));
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Optional<Outcomes> recorded() {
    if (!recorded) {
      return Optional.empty();
    }
    List<String> results = pairs.stream().map(LabelledPair::result).toList();
    return Optional.of(
        name.equals(CLASSIFICATION)
            ? new LabelOutcomes(gold(results), results)
            : scoreOutcomes(results.stream().mapToDouble(PairTask::number).toArray()));
  }

  @Override
  public void check(List<String> labels) {
    if (labels.size() > 1) {
      name = CLASSIFICATION;
      List<String> gold = gold(labels);
      List<LabelledPair> named = new ArrayList<>();
      for (int i = 0; i < gold.size(); i++) {
        named.add(new LabelledPair(pairs.get(i).pair(), gold.get(i), null));
      }
      LabelMap.check(named, labels);
    } else {
      name = binary() ? BINARY : SIMILARITY;
      requireNumbers();
    }
  }

  /** Returns the gold labels, spelled as the model's where only the case differs. */
  private List<String> gold(List<String> labels) {
    return pairs.stream()
        .map(LabelledPair::label)
        .map(
            label ->
                labels.contains(label)
                    ? label
                    : labels.stream().filter(label::equalsIgnoreCase).findFirst().orElse(label))
        .toList();
  }

  @Override
  public List<TextPair> pairs() {
    return pairs.stream().map(LabelledPair::pair).toList();
  }

  @Override
  public Outcomes outcomes(List<String> labels, List<Score> scores) {
    return labels.size() > 1
        ? new LabelOutcomes(gold(labels), scores.stream().map(Score::label).toList())
        : scoreOutcomes(scores.stream().mapToDouble(Score::score).toArray());
  }

  private Outcomes scoreOutcomes(double[] scores) {
    return new ScoreOutcomes(
        name.equals(BINARY),
        pairs.stream().mapToDouble(pair -> number(pair.label())).toArray(),
        scores);
  }

  @Override
  public List<String> possibleFigures() {
    return switch (name) {
      case CLASSIFICATION -> LabelOutcomes.FIGURES;
      case BINARY -> ScoreOutcomes.BINARY_FIGURES;
      default -> ScoreOutcomes.SIMILARITY_FIGURES;
    };
  }

  @Override
  public Map<String, Integer> counts() {
    Map<String, Integer> counts = new LinkedHashMap<>();
    counts.put("pairs", pairs.size());
    return counts;
  }

  @Override
  public List<String> notes() {
    List<String> notes = new ArrayList<>();
    if (leftOut > 0) {
      notes.add(
          "%,d of %,d pairs are left out by --label-map."
              .formatted(leftOut, leftOut + pairs.size()));
    }
    long labels = pairs.stream().map(LabelledPair::label).distinct().count();
    if (name.equals(CLASSIFICATION) && labels == 1) {
      notes.add(
          "All %,d pairs have the gold label %s; figures of one label say little."
              .formatted(pairs.size(), pairs.get(0).label()));
    }
    Map<TextPair, Long> labelsByPair =
        recorded
            ? Map.of()
            : pairs.stream()
                .distinct()
                .collect(Collectors.groupingBy(LabelledPair::pair, Collectors.counting()));
    long contradicting = labelsByPair.values().stream().filter(count -> count > 1).count();
    if (contradicting > 0) {
      notes.add("%,d pairs are there with several gold labels.".formatted(contradicting));
    }
    return notes;
  }
}
