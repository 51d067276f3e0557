package dev.crossencoder.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

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
      taken.add(queue.take().record());
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
}
