package dev.crossencoder.benchmark.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.crossencoder.benchmark.report.Bar.Unit;
import java.util.List;
import org.junit.jupiter.api.Test;

class BarTest {
  private static Bar speed(Double... rounds) {
    return new Bar("speed", 1.15, 1.3, Unit.AT_LEAST, List.of(rounds));
  }

  @Test
  void theMedianDecides() {
    assertThat(speed(0.5, 1.2, 1.4).verdict()).isEqualTo("met");
    assertThat(speed(1.1, 1.3, 1.4).verdict()).isEqualTo("goal met");
    assertThat(speed(1.5, 1.149, 1.0).verdict()).isEqualTo("**missed**");
  }

  @Test
  void lessIsBetterWhereItIsMemoryOrTime() {
    assertThat(new Bar("memory", 400, 250, Unit.MEGABYTES_AT_MOST, List.of(399.0)).verdict())
        .isEqualTo("met");
    assertThat(new Bar("latency", 3, 2.5, Unit.AT_MOST, List.of(3.1)).verdict())
        .isEqualTo("**missed**");
  }

  @Test
  void whatWasNotMeasuredHasNoVerdict() {
    assertThat(speed().verdict()).isEqualTo("not measured");
    assertThat(speed().measured()).isEqualTo("–");
  }

  @Test
  void medianAndRangeAreInTheBarsUnit() {
    assertThat(speed(1.0, 1.25, 2.0).measured()).isEqualTo("1.25 (1.00–2.00)");
    assertThat(new Bar("limit", 0.75, 0.85, Unit.PERCENT_AT_LEAST, List.of(0.8)).measured())
        .isEqualTo("80 %");
  }
}
