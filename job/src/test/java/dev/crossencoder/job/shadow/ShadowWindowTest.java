package dev.crossencoder.job.shadow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.crossencoder.job.KafkaRecord;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShadowWindowTest {
  private static final double[] ONE = {0.1, 0.4, 0.4, 0.9, -2.0, 3.5, 0.0, 1.0};
  private static final double[] OTHER = {0.2, 0.3, 0.5, 0.5, -1.0, 2.0, 1.5, -0.5};

  private static ShadowWindow.Compared pair(double first, double second, boolean agrees) {
    return new ShadowWindow.Compared(new double[] {first}, new double[] {second}, agrees);
  }

  /** The numbers are those of scipy 1.16. */
  @Test
  void correlationsAreThoseOfScipy() {
    assertThat(RankCorrelation.kendall(ONE, OTHER)).isCloseTo(0.2962962962962963, within(1e-12));
    assertThat(RankCorrelation.spearman(ONE, OTHER)).isCloseTo(0.37951807228915657, within(1e-12));
    assertThat(RankCorrelation.kendall(ONE, ONE)).isEqualTo(1);
    assertThat(RankCorrelation.kendall(new double[] {1, 2}, new double[] {3, 3})).isNaN();
    assertThat(RankCorrelation.spearman(new double[] {1, 2}, new double[] {2, 1})).isEqualTo(-1);
  }

  @Test
  void pairsAreComparedAmongEachOther() {
    ShadowWindow window = new ShadowWindow();
    assertThat(window.kendall()).isNaN();
    assertThat(window.agreement()).isNaN();
    for (int i = 0; i < ONE.length; i++) {
      window.add(pair(ONE[i], OTHER[i], i % 4 != 0));
    }

    assertThat(window.kendall()).isCloseTo(0.2962962962962963, within(1e-12));
    assertThat(window.spearman()).isCloseTo(0.37951807228915657, within(1e-12));
    assertThat(window.agreement()).isEqualTo(0.75);
    assertThat(window.meanDifference()).isCloseTo(-0.1, within(1e-12));
  }

  @Test
  void listsAreComparedWithinThemselves() {
    ShadowWindow window = new ShadowWindow();
    // Among all documents, the order would agree in most places.
    window.add(new ShadowWindow.Compared(new double[] {1, 2, 3}, new double[] {3, 2, 1}, false));
    window.add(
        new ShadowWindow.Compared(new double[] {11, 12, 13}, new double[] {13, 12, 11}, false));
    window.add(new ShadowWindow.Compared(new double[] {5, 5}, new double[] {1, 2}, true));

    assertThat(window.kendall()).isEqualTo(-1);
    assertThat(window.spearman()).isEqualTo(-1);
  }

  @Test
  void onlyTheLastRecordsCount() {
    ShadowWindow window = new ShadowWindow();
    for (int i = 0; i < ShadowWindow.RECORDS; i++) {
      window.add(pair(i, -i, false));
    }
    assertThat(window.kendall()).isEqualTo(-1);
    for (int i = 0; i < ShadowWindow.RECORDS; i++) {
      window.add(pair(i, i + 2, true));
    }

    assertThat(window.kendall()).isEqualTo(1);
    assertThat(window.agreement()).isEqualTo(1);
    assertThat(window.meanDifference()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.001, 0.01, 0.3, 1})
  void aSampleHasItsShareInEachPartition(double share) {
    ShadowSample sample = new ShadowSample(share);
    int records = 200_000;
    for (int partition : List.of(0, 1, 17)) {
      long chosen =
          IntStream.range(0, records)
              .filter(offset -> sample.filter(record(partition, offset, new byte[0])))
              .count();
      assertThat((double) chosen / records).isCloseTo(share, within(0.1 * share + 0.0001));
    }
    assertThat(sample.filter(record(0, new Random(1).nextInt(100), null))).isFalse();
  }

  private static KafkaRecord record(int partition, long offset, byte[] value) {
    return new KafkaRecord("topic", partition, offset, 0, null, value, List.of());
  }
}
