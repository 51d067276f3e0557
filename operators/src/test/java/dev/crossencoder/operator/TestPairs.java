package dev.crossencoder.operator;

import java.util.Arrays;
import java.util.List;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;

/** Makes records and pairs that are on their way. */
final class TestPairs {
  private static final ScoringMetrics METRICS = new ScoringMetrics(new UnregisteredMetricsGroup());

  private TestPairs() {}

  /** Returns an operator's lane. */
  static Lane lane() {
    return new Lane(METRICS);
  }

  /**
   * Returns a record of an operator of its own with pairs, one of each length, whose outcome a
   * listener hears.
   */
  static PendingRecord record(OutcomeListener listener, int... lengths) {
    return record(lane(), listener, lengths);
  }

  /** Returns a record of an operator. */
  static PendingRecord record(Lane lane, OutcomeListener listener, int... lengths) {
    return new PendingRecord(
        lane, Arrays.stream(lengths).mapToObj(FakeScoringModel::textOfLength).toList(), listener);
  }

  /** Returns a pair of a record and an operator of its own that has its tokens since a time. */
  static PendingPair ready(int length, long nanos) {
    return ready(lane(), new FakeListener(), length, nanos);
  }

  /** Returns a pair of a record of its own, whose outcome a listener hears. */
  static PendingPair ready(OutcomeListener listener, int length) {
    return ready(lane(), listener, length, System.nanoTime());
  }

  /** Returns a pair of an operator and a record of its own that has its tokens since just now. */
  static PendingPair ready(Lane lane, int length) {
    return ready(lane, new FakeListener(), length, System.nanoTime());
  }

  private static PendingPair ready(Lane lane, OutcomeListener listener, int length, long nanos) {
    PendingPair pair = record(lane, listener, length).nextPair();
    pair.tokenized(TestEncodedPairs.ofLength(length), nanos);
    return pair;
  }

  static List<Integer> lengths(List<PendingPair> batch) {
    return batch.stream().map(pair -> pair.encoded().length()).toList();
  }
}
