package dev.crossencoder.cli.evaluate;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import dev.crossencoder.evaluation.InvalidDataException;
import dev.crossencoder.evaluation.data.LabelMap;
import dev.crossencoder.evaluation.data.LabelledPair;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Compares labels or scores of pairs with gold.
 *
 * <p>Unless the user chooses, the kind follows from the results: if they are labels, they are
 * compared with the gold ones; if they are scores, gold consists of numbers: of 0 and 1, which
 * scores shall separate, or of others, with which scores shall correlate.
 */
final class PairTask implements EvaluationTask {
  /** How many labels a message lists. */
  private static final int SHOWN = 10;

  private final List<LabelledPair> pairs;
  private final int leftOut;
  private final PairKind wanted;
  private final PairKind kind;

  private PairTask(List<LabelledPair> pairs, int leftOut, PairKind wanted, PairKind kind) {
    this.pairs = pairs;
    this.leftOut = leftOut;
    this.wanted = wanted;
    this.kind = kind;
  }

  /**
   * Creates a task.
   *
   * @param pairs with the labels of the model
   * @param leftOut how many others were left out
   * @param wanted the kind that the user chooses; null for the one that follows from the data
   * @throws InvalidDataException if results were recorded and do not fit gold
   */
  static PairTask of(List<LabelledPair> pairs, int leftOut, PairKind wanted) {
    List<LabelledPair> copy = List.copyOf(pairs);
    boolean labels = copy.get(0).result() != null && haveLabels(copy, wanted);
    PairKind kind = labels ? PairKind.CLASSIFICATION : wanted != null ? wanted : kindOfScores(copy);
    PairTask task = new PairTask(copy, leftOut, wanted, kind);
    if (task.isRecorded()) {
      task.check("the results");
    }
    return task;
  }

  /** Returns whether recorded results are labels. */
  private static boolean haveLabels(List<LabelledPair> pairs, PairKind wanted) {
    if (wanted != null && wanted != PairKind.CLASSIFICATION) {
      requireNumbers(pairs);
      return false;
    }
    boolean none = pairs.stream().allMatch(pair -> PairNumber.parse(pair.result()) == null);
    if (none || wanted == PairKind.CLASSIFICATION) {
      return true;
    }
    requireNumbers(pairs);
    return false;
  }

  private static void requireNumbers(List<LabelledPair> pairs) {
    List<LabelledPair> others =
        pairs.stream().filter(pair -> PairNumber.parse(pair.result()) == null).toList();
    if (!others.isEmpty()) {
      throw new InvalidDataException(
          "Cannot evaluate, %,d of %,d results are not numbers; the first is %s. Correct them, or add --task classification if results are labels."
              .formatted(others.size(), pairs.size(), others.get(0).result()));
    }
  }

  private static PairKind kindOfScores(List<LabelledPair> pairs) {
    return pairs.stream().allMatch(PairTask::isBinary) ? PairKind.BINARY : PairKind.SIMILARITY;
  }

  private static boolean isBinary(LabelledPair pair) {
    Double value = PairNumber.parse(pair.label());
    return value != null && (value == 0 || value == 1);
  }

  private boolean isRecorded() {
    return pairs.get(0).result() != null;
  }

  /** Checks that gold fits the kind. */
  private void check(String system) {
    switch (kind) {
      case CLASSIFICATION -> checkLabels();
      case BINARY ->
          requireGold(pairs.stream().filter(pair -> !isBinary(pair)).toList(), system, "0 or 1");
      case SIMILARITY ->
          requireGold(
              pairs.stream().filter(pair -> PairNumber.parse(pair.label()) == null).toList(),
              system,
              "numbers");
    }
  }

  private void requireGold(List<LabelledPair> others, String system, String needed) {
    if (!others.isEmpty()) {
      throw new InvalidDataException(
          "Cannot compare scores of %s with labels, %,d of %,d pairs have labels that are not %s: %s. Map them to 1 and 0 with --label-map, such as %s=1."
              .formatted(
                  system,
                  others.size(),
                  pairs.size(),
                  needed,
                  LabelMap.counts(others),
                  others.get(0).label()));
    }
  }

  private void checkLabels() {
    if (pairs.stream().map(LabelledPair::label).distinct().count() == 1) {
      throw new InvalidDataException(
          "Cannot evaluate, all %,d pairs have the gold label %s. Accuracy and macro F1 need pairs of several labels."
              .formatted(pairs.size(), pairs.get(0).label()));
    }
    if (isRecorded() && goldWithoutResult().size() == pairs.size()) {
      Set<String> results = new TreeSet<>(results());
      throw new InvalidDataException(
          "Cannot evaluate, no result is one of the gold labels. Gold has %s; results have %s%s. Map gold with --label-map, such as %s=%s."
              .formatted(
                  LabelMap.counts(pairs),
                  String.join(", ", results.stream().limit(SHOWN).toList()),
                  results.size() > SHOWN ? " and %,d others".formatted(results.size() - SHOWN) : "",
                  pairs.get(0).label(),
                  pairs.get(0).result()));
    }
  }

  /** The pairs whose gold label is the result of no pair. */
  private List<LabelledPair> goldWithoutResult() {
    Set<String> results = new HashSet<>(results());
    List<String> gold = gold(results);
    List<LabelledPair> unknown = new ArrayList<>();
    for (int i = 0; i < gold.size(); i++) {
      if (!results.contains(gold.get(i))) {
        unknown.add(pairs.get(i));
      }
    }
    return unknown;
  }

  private List<String> results() {
    return pairs.stream().map(LabelledPair::result).toList();
  }

  @Override
  public String name() {
    return kind.key();
  }

  @Override
  public int size() {
    return pairs.size();
  }

  @Override
  public Optional<Outcomes> recorded() {
    if (!isRecorded()) {
      return Optional.empty();
    }
    return Optional.of(
        kind == PairKind.CLASSIFICATION
            ? new LabelOutcomes(gold(new HashSet<>(results())), results())
            : scoreOutcomes(results().stream().mapToDouble(PairNumber::parse).toArray()));
  }

  @Override
  public PairTask forModel(String model, List<String> labels) {
    PairKind found =
        labels.size() > 1 ? PairKind.CLASSIFICATION : wanted != null ? wanted : kindOfScores(pairs);
    if (wanted != null && (wanted == PairKind.CLASSIFICATION) != labels.size() > 1) {
      throw new IllegalArgumentException(
          "Invalid --task: %s. %s has %s."
              .formatted(
                  wanted.key(),
                  model,
                  labels.size() > 1
                      ? "%d labels, which make a classification".formatted(labels.size())
                      : "one label, so that its scores are compared, not its labels"));
    }
    PairTask task = new PairTask(pairs, leftOut, wanted, found);
    if (found == PairKind.CLASSIFICATION) {
      List<String> gold = gold(labels);
      List<LabelledPair> named = new ArrayList<>();
      for (int i = 0; i < gold.size(); i++) {
        named.add(new LabelledPair(pairs.get(i).pair(), gold.get(i), null));
      }
      LabelMap.check(model, named, labels);
    }
    task.check(model);
    return task;
  }

  /** Returns the gold labels, spelled as others where only the case differs. */
  private List<String> gold(Collection<String> labels) {
    Set<String> known = new HashSet<>(labels);
    Map<String, String> spelled = new HashMap<>();
    labels.forEach(label -> spelled.putIfAbsent(folded(label), label));
    return pairs.stream()
        .map(LabelledPair::label)
        .map(label -> known.contains(label) ? label : spelled.getOrDefault(folded(label), label))
        .toList();
  }

  /** Returns the number of pairs by gold label, spelled as the model does; numbers as integers. */
  Map<String, Long> goldCounts(List<String> labels) {
    return gold(labels).stream()
        .map(PairTask::asInteger)
        .collect(groupingBy(label -> label, counting()));
  }

  private static String asInteger(String label) {
    Double number = PairNumber.parse(label);
    return number != null && number == Math.rint(number)
        ? String.valueOf(number.longValue())
        : label;
  }

  private static String folded(String label) {
    return label.toLowerCase(Locale.ROOT);
  }

  @Override
  public List<TextPair> pairs() {
    return pairs.stream().map(LabelledPair::pair).toList();
  }

  @Override
  public Outcomes outcomes(List<String> labels, List<Score> scores) {
    return kind == PairKind.CLASSIFICATION
        ? new LabelOutcomes(gold(labels), scores.stream().map(Score::label).toList())
        : scoreOutcomes(scores.stream().mapToDouble(Score::score).toArray());
  }

  private Outcomes scoreOutcomes(double[] scores) {
    return new ScoreOutcomes(
        kind == PairKind.BINARY,
        pairs.stream().mapToDouble(pair -> PairNumber.parse(pair.label())).toArray(),
        scores);
  }

  @Override
  public List<String> possibleFigures() {
    return kind.figures();
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
    if (isRecorded()) {
      addNotesOfResults(notes);
    }
    List<String> values = pairs.stream().map(LabelledPair::label).distinct().sorted().toList();
    if (kind == PairKind.SIMILARITY && wanted == null && values.size() == 2) {
      notes.add(
          "Gold has only the values %s and %s and was taken as a similarity. Map them to 0 and 1 with --label-map for a binary classification."
              .formatted(values.get(0), values.get(1)));
    }
    Map<TextPair, Long> labelsByPair =
        isRecorded()
            ? Map.of()
            : pairs.stream().distinct().collect(groupingBy(LabelledPair::pair, counting()));
    long contradicting = labelsByPair.values().stream().filter(count -> count > 1).count();
    if (contradicting > 0) {
      notes.add("%,d pairs are there with several gold labels.".formatted(contradicting));
    }
    return notes;
  }

  private void addNotesOfResults(List<String> notes) {
    if (kind == PairKind.CLASSIFICATION) {
      List<LabelledPair> unknown = goldWithoutResult();
      if (!unknown.isEmpty()) {
        notes.add(
            "%,d of %,d pairs have gold labels that are the result of no pair: %s."
                .formatted(unknown.size(), pairs.size(), LabelMap.counts(unknown)));
      }
    } else if (wanted == null && results().stream().allMatch(PairNumber::isWhole)) {
      notes.add(
          "All results are whole numbers and were taken as scores. Add --task classification if they are labels.");
    }
  }
}
