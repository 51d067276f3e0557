package dev.crossencoder.benchmark.earlyexit;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Fits stopping rules to some lists and tests them on others. The lists that are not tested are
 * divided at random: a quarter of them fit the estimate, the others calibrate the margin. Results
 * are means over several divisions, the same ones in each run.
 */
final class EarlyExitStudy {
  static final List<Integer> DOCUMENTS = List.of(1, 3, 10);
  static final List<Double> CONFIDENCES = List.of(0.9, 0.95, 0.99);

  private static final int DIVISIONS = 20;
  private static final int SEED = 19;

  private final int step;

  /**
   * Creates a study.
   *
   * @param step after how many documents each decision is made
   */
  EarlyExitStudy(int step) {
    this.step = step;
  }

  /** The lists for one test: those that are tested, and those to which the rule is fitted. */
  private record Division(List<ScoredList> tested, List<ScoredList> fitted) {}

  /**
   * Tests each list with a rule that was fitted to other lists of the same collection.
   *
   * @param folds into how many parts the lists are divided; each is tested once in each division
   */
  List<EarlyExitRow> crossFitted(String first, String name, List<ScoredList> lists, int folds) {
    List<Division> divisions = new ArrayList<>();
    Random random = new Random(SEED);
    for (int division = 0; division < DIVISIONS; division++) {
      List<ScoredList> shuffled = new ArrayList<>(lists);
      Collections.shuffle(shuffled, random);
      for (int fold = 0; fold < folds; fold++) {
        List<ScoredList> tested = new ArrayList<>();
        List<ScoredList> others = new ArrayList<>();
        for (int i = 0; i < shuffled.size(); i++) {
          (i % folds == fold ? tested : others).add(shuffled.get(i));
        }
        Collections.shuffle(others, random);
        divisions.add(new Division(tested, others));
      }
    }
    return rows(first, name, name, divisions, lists);
  }

  /** Tests lists with a rule that was fitted to those of another collection. */
  List<EarlyExitRow> transferred(
      String first,
      String fittedName,
      List<ScoredList> fitted,
      String testedName,
      List<ScoredList> tested) {
    List<Division> divisions = new ArrayList<>();
    Random random = new Random(SEED);
    for (int division = 0; division < DIVISIONS; division++) {
      List<ScoredList> shuffled = new ArrayList<>(fitted);
      Collections.shuffle(shuffled, random);
      divisions.add(new Division(tested, shuffled));
    }
    return rows(first, fittedName, testedName, divisions, tested);
  }

  private List<EarlyExitRow> rows(
      String first,
      String fitted,
      String tested,
      List<Division> divisions,
      List<ScoredList> different) {
    double fullNdcg =
        different.stream().mapToDouble(list -> list.ndcg()[list.size()]).average().orElse(0);
    List<ScoredList> lists =
        divisions.stream().flatMap(division -> division.tested().stream()).toList();
    List<Estimate> estimates =
        divisions.stream().map(division -> Estimate.fit(estimating(division))).toList();
    List<EarlyExitRow> rows = new ArrayList<>();
    for (int n : DOCUMENTS) {
      for (Method method : Method.values()) {
        int[][] scored = scored(divisions, estimates, n, method);
        for (int c = 0; c < CONFIDENCES.size(); c++) {
          Outcome outcome = Outcome.of(lists, scored[c], n);
          rows.add(
              new EarlyExitRow(
                  first,
                  fitted,
                  tested,
                  n,
                  CONFIDENCES.get(c),
                  step,
                  method,
                  different.size(),
                  outcome,
                  Outcome.ofKeep(different, outcome.scored(), n),
                  fullNdcg));
        }
      }
    }
    return rows;
  }

  private static List<ScoredList> estimating(Division division) {
    return division.fitted().subList(0, division.fitted().size() / 4);
  }

  private static List<ScoredList> calibrating(Division division) {
    return division.fitted().subList(division.fitted().size() / 4, division.fitted().size());
  }

  /** Returns how many documents of each tested list are scored, by confidence. */
  private int[][] scored(List<Division> divisions, List<Estimate> estimates, int n, Method method) {
    int tests = divisions.stream().mapToInt(division -> division.tested().size()).sum();
    int[][] scored = new int[CONFIDENCES.size()][tests];
    int next = 0;
    for (int d = 0; d < divisions.size(); d++) {
      Division division = divisions.get(d);
      StoppingRule rule = new StoppingRule(estimates.get(d), n, step);
      double[] needs =
          calibrating(division).stream()
              .mapToDouble(
                  list ->
                      switch (method) {
                        case BOUNDS -> rule.marginOfBounds(list);
                        case STOP -> rule.marginOfStop(list);
                        case KEEP -> list.needed(n);
                      })
              .toArray();
      for (int c = 0; c < scored.length; c++) {
        double quantile = Conformal.quantile(needs, CONFIDENCES.get(c));
        for (int i = 0; i < division.tested().size(); i++) {
          ScoredList list = division.tested().get(i);
          scored[c][next + i] =
              method == Method.KEEP
                  ? (int) Math.min(quantile, list.size())
                  : rule.stop(list, quantile);
        }
      }
      next += division.tested().size();
    }
    return scored;
  }
}
