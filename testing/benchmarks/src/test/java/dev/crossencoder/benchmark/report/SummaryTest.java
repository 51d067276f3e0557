package dev.crossencoder.benchmark.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class SummaryTest {
  @Test
  void theMedianOfAnOddNumberIsTheMiddleValue() {
    assertThat(Summary.of(List.of(9.0, 1.0, 2.0))).isEqualTo(new Summary(2, 1, 9));
  }

  @Test
  void theMedianOfAnEvenNumberIsBetweenTheTwoInTheMiddle() {
    assertThat(Summary.median(List.of(4.0, 1.0, 2.0, 100.0))).isEqualTo(3);
  }

  @Test
  void aPercentileIsTheSmallestValueThatCoversItsShare() {
    List<Double> values = List.of(5.0, 3.0, 1.0, 2.0, 4.0);
    assertThat(Summary.percentile(values, 0.2)).isEqualTo(1);
    assertThat(Summary.percentile(values, 0.21)).isEqualTo(2);
    assertThat(Summary.percentile(values, 1)).isEqualTo(5);
    assertThat(Summary.percentile(values, 0)).isEqualTo(1);
  }

  @Test
  void nothingHasNoMedian() {
    assertThatThrownBy(() -> Summary.of(List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot summarise no values");
  }

  @Test
  void numbersHaveThreeSignificantDigitsOrMore() {
    assertThat(new Summary(1234.4, 99.94, 0.123).text()).isEqualTo("1,234 (99.9–0.12)");
    assertThat(new Summary(2, 2, 2).text()).isEqualTo("2.00");
  }
}
