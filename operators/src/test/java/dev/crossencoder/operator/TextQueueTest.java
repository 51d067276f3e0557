package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TextQueueTest {
  private static final int MANY = 600;
  private static final int LENGTH = 8;

  private final TextQueue queue = new TextQueue();
  private final Lane lane = TestPairs.lane();

  private PendingRecord add(int pairs) {
    int[] lengths = IntStream.generate(() -> LENGTH).limit(pairs).toArray();
    PendingRecord record = TestPairs.record(lane, new FakeListener(), lengths);
    queue.add(record);
    return record;
  }

  private List<PendingRecord> take(int pairs) throws InterruptedException {
    List<PendingRecord> taken = new ArrayList<>();
    for (int i = 0; i < pairs; i++) {
      PendingPair pair = queue.take();
      queue.finished(pair, 0);
      taken.add(pair.record());
    }
    return taken;
  }

  @Test
  void recordsOfALaneAreTokenizedInOrder() throws Exception {
    PendingRecord first = add(100);
    PendingRecord second = add(100);

    assertThat(take(100)).containsOnly(first);
    assertThat(take(100)).containsOnly(second);
  }

  @Test
  void aRecordWithVeryManyPairsLetsOthersPass() throws Exception {
    PendingRecord many = add(MANY);
    PendingRecord few = add(2);

    assertThat(take(256)).containsOnly(many);
    assertThat(take(2)).containsOnly(few);
    assertThat(take(MANY - 256)).containsOnly(many);
    assertThat(queue.size()).isZero();
  }

  @Test
  void recordsWithVeryManyPairsDoNotPassEachOther() throws Exception {
    PendingRecord first = add(MANY);
    PendingRecord second = add(MANY);
    PendingRecord few = add(2);

    assertThat(take(256)).containsOnly(first);
    assertThat(take(2)).containsOnly(few);
    assertThat(take(MANY - 256)).containsOnly(first);
    assertThat(take(MANY)).containsOnly(second);
  }

  @Test
  void recordsWithFewPairsDoNotKeepOneWithVeryManyWaiting() throws Exception {
    List<PendingRecord> few = IntStream.range(0, 8).mapToObj(i -> add(128)).toList();
    PendingRecord many = add(MANY);

    assertThat(take(256)).containsOnly(few.get(0), few.get(1));
    assertThat(take(256)).containsOnly(many);
    assertThat(take(256)).containsOnly(few.get(2), few.get(3));
    assertThat(take(256)).containsOnly(many);
  }
}
