package dev.crossencoder.cli.sql;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SqlFailureTest {
  @Test
  void theReasonIsThatOfTheInnermostCause() {
    Exception failure =
        new RuntimeException("Job failed", new IllegalStateException("The device is gone."));

    assertThat(SqlFailure.reason(failure)).isEqualTo("The device is gone.");
  }

  @Test
  void aCauseWithoutAMessageTellsNothing() {
    Exception failure = new RuntimeException("Job failed", new IllegalStateException());

    assertThat(SqlFailure.reason(failure)).isEqualTo("Job failed");
  }

  @Test
  void plansAndClassNamesAreLeftOut() {
    Exception failure =
        new RuntimeException(
            "org.apache.flink.table.api.TableException: Cannot plan it.\nLogicalProject(…)");

    assertThat(SqlFailure.reason(failure)).isEqualTo("Cannot plan it.");
  }
}
