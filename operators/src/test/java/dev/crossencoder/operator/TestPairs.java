package dev.crossencoder.operator;

import dev.crossencoder.bundle.TestEncodedPairs;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;

/** Makes records and pairs that are on their way. */
final class TestPairs {
  private static final ScoringMetrics METRICS = new ScoringMetrics(new UnregisteredMetricsGroup());

  private TestPairs() {}

  /** Returns the pairs of one record, one of each length, whose outcome a listener hears. */
  static List<PendingPair> record(PendingRecord.Listener listener, int... lengths) {
    return pairs(new PendingRecord(lengths.length, listener), lengths);
  }

  /** Returns the pairs of a record of an operator with metrics of its own. */
  static List<PendingPair> record(
      PendingRecord.Listener listener, ScoringMetrics metrics, int... lengths) {
    return pairs(new PendingRecord(lengths.length, listener), metrics, lengths);
  }

  static List<PendingPair> pairs(PendingRecord record, int... lengths) {
    return pairs(record, METRICS, lengths);
  }

  private static List<PendingPair> pairs(
      PendingRecord record, ScoringMetrics metrics, int... lengths) {
    List<PendingPair> pairs = new ArrayList<>();
    for (int i = 0; i < lengths.length; i++) {
      pairs.add(new PendingPair(record, i, FakeScoringModel.textOfLength(lengths[i]), metrics));
    }
    return pairs;
  }

  /** Returns a pair of a record of its own that has its tokens since a time. */
  static PendingPair ready(int length, long nanos) {
    return ready(new FakeListener(), length, nanos);
  }

  /** Returns a pair of a record of its own, whose outcome a listener hears. */
  static PendingPair ready(PendingRecord.Listener listener, int length) {
    return ready(listener, length, System.nanoTime());
  }

  private static PendingPair ready(PendingRecord.Listener listener, int length, long nanos) {
    PendingPair pair = record(listener, length).get(0);
    pair.tokenised(TestEncodedPairs.ofLength(length), nanos);
    return pair;
  }

  /** Returns a pair that has its tokens since just now. */
  static PendingPair ready(int length) {
    return ready(length, System.nanoTime());
  }

  static List<Integer> lengths(List<PendingPair> batch) {
    return batch.stream().map(pair -> pair.encoded().length()).toList();
  }
}
