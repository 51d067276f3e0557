package dev.crossencoder.stock;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The committed records of a table's topic, compared with scores from elsewhere. */
final class SqlOutputs {
  private static final double SCORE_TOLERANCE = 1e-5;

  private final Map<Integer, List<Double>> scores = new TreeMap<>();

  void add(SqlFormat.Scored output) {
    scores.computeIfAbsent(output.id(), id -> new ArrayList<>()).add(output.score());
  }

  /** The number of records with an output. */
  int numbers() {
    return scores.size();
  }

  /**
   * Returns a description of each record without an output, with several ones, or with another
   * score.
   *
   * @param sent the number of records that were sent, with the numbers from 0
   * @param expected the scores of the records with the first numbers, which repeat
   */
  List<String> problems(int sent, List<Double> expected) {
    List<String> problems = new ArrayList<>();
    for (int number = 0; number < sent; number++) {
      List<Double> found = scores.getOrDefault(number, List.of());
      double wanted = expected.get(number % expected.size());
      if (found.size() != 1) {
        problems.add("record %d has %d outputs".formatted(number, found.size()));
      } else if (!(Math.abs(found.get(0) - wanted)
          <= SCORE_TOLERANCE * Math.max(1, Math.abs(wanted)))) {
        problems.add("record %d: its score is %s and not %s".formatted(number, found, wanted));
      }
    }
    scores.keySet().stream()
        .filter(number -> number >= sent)
        .forEach(number -> problems.add("record %d was not sent".formatted(number)));
    return problems;
  }
}
