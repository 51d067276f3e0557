package dev.crossencoder.benchmark.earlyexit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StoppingRuleTest {
  private static final int DOCUMENTS = 40;

  @Test
  void noDocumentMattersAfterTheStopIfTheBoundsHold() {
    Random random = new Random(1);
    List<ScoredList> lists = lists(200, 1, random);
    Estimate estimate = Estimate.fit(lists.subList(0, 20));
    int stopped = 0;
    for (int n : List.of(1, 3, 10)) {
      for (int step : List.of(1, 8)) {
        StoppingRule rule = new StoppingRule(estimate, n, step);
        for (ScoredList list : lists) {
          int scored = rule.stop(list, rule.marginOfBounds(list));

          assertThat(scored).isGreaterThanOrEqualTo(list.needed(n));
          stopped += scored < list.size() ? 1 : 0;
        }
      }
    }
    assertThat(stopped).isPositive();
  }

  @Test
  void theMarginOfTheDecisionsIsTheSmallestThatIsRight() {
    Random random = new Random(2);
    List<ScoredList> lists = lists(200, 1, random);
    Estimate estimate = Estimate.fit(lists.subList(0, 20));
    int tight = 0;
    for (int n : List.of(1, 3, 10)) {
      StoppingRule rule = new StoppingRule(estimate, n, 1);
      for (ScoredList list : lists) {
        double margin = rule.marginOfStop(list);

        assertThat(margin).isLessThanOrEqualTo(rule.marginOfBounds(list));
        assertThat(rule.stop(list, margin)).isGreaterThanOrEqualTo(list.needed(n));
        if (Double.isFinite(margin)) {
          assertThat(rule.stop(list, margin - 1e-9)).isLessThan(list.needed(n));
          tight++;
        }
      }
    }
    assertThat(tight).isPositive();
  }

  @Test
  void theStatedConfidenceHoldsForExchangeableLists() {
    Random random = new Random(3);
    double confidence = 0.9;
    int trials = 2000;
    int boundsRight = 0;
    int stopRight = 0;
    int stopped = 0;
    for (int trial = 0; trial < trials; trial++) {
      List<ScoredList> lists = lists(25, 1, random);
      StoppingRule rule = new StoppingRule(Estimate.fit(lists.subList(0, 5)), 3, 1);
      List<ScoredList> calibration = lists.subList(5, 24);
      ScoredList tested = lists.get(24);
      double bounds =
          Conformal.quantile(
              calibration.stream().mapToDouble(rule::marginOfBounds).toArray(), confidence);
      double stop =
          Conformal.quantile(
              calibration.stream().mapToDouble(rule::marginOfStop).toArray(), confidence);
      boundsRight += rule.stop(tested, bounds) >= tested.needed(3) ? 1 : 0;
      stopRight += rule.stop(tested, stop) >= tested.needed(3) ? 1 : 0;
      stopped += rule.stop(tested, stop) < tested.size() ? 1 : 0;
    }

    // Three standard deviations of a share of 0.9 in 2000 trials.
    double tolerance = 3 * Math.sqrt(confidence * (1 - confidence) / trials);
    assertThat(boundsRight / (double) trials).isGreaterThan(confidence - tolerance);
    // 19 calibration lists allow a confidence of exactly 0.9, so the decisions are not too careful.
    assertThat(stopRight / (double) trials).isBetween(confidence - tolerance, 0.96);
    assertThat(stopped).isGreaterThan(trials / 2);
  }

  @Test
  void allDocumentsAreScoredIfThereAreTooFewListsForTheConfidence() {
    ScoredList list = lists(1, 0.1, new Random(4)).get(0);
    StoppingRule rule = new StoppingRule(Estimate.fit(List.of(list)), 1, 1);

    double margin = Conformal.quantile(new double[98], 0.99);

    assertThat(margin).isInfinite();
    assertThat(rule.stop(list, margin)).isEqualTo(DOCUMENTS);
    assertThat(Conformal.quantile(new double[99], 0.99)).isZero();
  }

  @Test
  void decisionsAreMadeAfterWholeSteps() {
    ScoredList list = list(new double[] {9, 8, 7, 6, 5, 4, 3, 2, 1});
    StoppingRule rule = new StoppingRule(Estimate.fit(List.of(list)), 1, 4);

    assertThat(rule.stop(list, 0)).isEqualTo(4);
    assertThat(new StoppingRule(rule.estimate(), 1, 1).stop(list, 0)).isEqualTo(1);
  }

  @Test
  void theBestDocumentsMayBeLate() {
    ScoredList list = list(new double[] {1, 5, 2, 9, 0});

    assertThat(list.needed(1)).isEqualTo(4);
    assertThat(list.needed(2)).isEqualTo(4);
    assertThat(list.needed(4)).isEqualTo(4);
    assertThat(list.needed(5)).isEqualTo(5);
    assertThat(list.needed(9)).isEqualTo(5);
    assertThat(list.nthBest(2)[1]).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(list.nthBest(2)[3]).isEqualTo(2);
  }

  @Test
  void theEstimateIsTheMonotoneFunctionWithTheLeastError() {
    IsotonicRegression regression =
        IsotonicRegression.fit(new double[] {4, 1, 2, 3, 3}, new double[] {9, 1, 6, 3, 3});

    assertThat(List.of(regression.at(1), regression.at(2), regression.at(3), regression.at(4)))
        .containsExactly(1.0, 4.0, 4.0, 9.0);
    assertThat(regression.at(0)).isEqualTo(1);
    assertThat(regression.at(2.5)).isEqualTo(4);
    assertThat(regression.at(7)).isEqualTo(9);
  }

  private static ScoredList list(double[] main) {
    double[] first = new double[main.length];
    for (int i = 0; i < first.length; i++) {
      first[i] = first.length - i;
    }
    return new ScoredList(first, main, new double[main.length + 1]);
  }

  /**
   * Lists whose main scores are the first ones with a common and an own error for each document.
   */
  private static List<ScoredList> lists(int count, double noise, Random random) {
    List<ScoredList> lists = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double[] first = random.doubles(DOCUMENTS, -5, 5).toArray();
      Arrays.sort(first);
      double shift = random.nextGaussian();
      double[] descending = new double[DOCUMENTS];
      double[] main = new double[DOCUMENTS];
      for (int j = 0; j < DOCUMENTS; j++) {
        descending[j] = first[DOCUMENTS - 1 - j];
        main[j] = descending[j] + shift + noise * random.nextGaussian();
      }
      lists.add(new ScoredList(descending, main, new double[DOCUMENTS + 1]));
    }
    return lists;
  }
}
