package dev.crossencoder.model.compiler.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RelativePositionsTest {
  @Test
  void aDistanceWithoutBucketsIsItsOwnRow() {
    assertThat(RelativePositions.rows(3, 3, distance -> distance)).containsExactly(1, 2, 3, 4, 5);
  }

  @Test
  void distancesBeyondTheSpanShareTheOutermostRows() {
    assertThat(RelativePositions.rows(4, 2, distance -> distance))
        .containsExactly(0, 0, 1, 2, 3, 3, 3);
  }

  /** Values of make_log_bucket_position of transformers 4.57.1 for DeBERTa v3: 256, 512. */
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1, 1",
    "-1, -1",
    "127, 127",
    "128, 128",
    "129, 129",
    "130, 130",
    "131, 131",
    "200, 169",
    "255, 192",
    "256, 192",
    "300, 207",
    "-300, -207",
    "400, 233",
    "500, 254",
    "510, 255",
    "511, 255",
    "-511, -255"
  })
  void aBucketIsTheReferences(int distance, int bucket) {
    assertThat(RelativePositions.logBucket(distance, 256, 512)).isEqualTo(bucket);
  }

  @Test
  void bucketsGrowWithTheDistanceAndMirror() {
    int[] buckets =
        Arrays.stream(
                RelativePositions.rows(512, 0x10000, d -> RelativePositions.logBucket(d, 256, 512)))
            .map(row -> row - 0x10000)
            .toArray();

    for (int i = 1; i < buckets.length; i++) {
      assertThat(buckets[i]).isGreaterThanOrEqualTo(buckets[i - 1]);
      assertThat(buckets[buckets.length - 1 - i]).isEqualTo(-buckets[i]);
    }
  }
}
