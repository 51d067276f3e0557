package dev.crossencoder.model.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PaddedBatchTest {
  @Test
  void rowsAreFilledUpToTheLongestPair() {
    PackedBatch packed =
        new PackedBatch(
            new long[] {2, 7, 3, 2, 8, 9, 3},
            new long[] {0, 0, 1, 0, 0, 1, 1},
            new long[] {0, 1, 2, 0, 1, 2, 3},
            new long[] {0, 3, 7});

    PaddedBatch padded = PaddedBatch.of(packed, 5);

    assertThat(padded.longest()).isEqualTo(4);
    assertThat(padded.inputIds()).containsExactly(2, 7, 3, 5, 2, 8, 9, 3);
    assertThat(padded.attentionMask()).containsExactly(1, 1, 1, 0, 1, 1, 1, 1);
    assertThat(padded.tokenTypeIds()).containsExactly(0, 0, 1, 0, 0, 0, 1, 1);
  }
}
