package dev.crossencoder.job.kafka.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import java.util.Set;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransactionOutcomeTest {
  private static final KafkaCommittable TRANSACTION =
      new KafkaCommittable(7, (short) 3, "id", null);

  @ParameterizedTest
  @CsvSource({
    "COMPLETE_COMMIT, 3, COMMITTED",
    "COMPLETE_COMMIT, 4, COMMITTED",
    "PREPARE_COMMIT, 4, COMMITTED",
    "COMPLETE_COMMIT, 5, UNKNOWN",
    "COMPLETE_ABORT, 3, ABORTED",
    "COMPLETE_ABORT, 4, ABORTED",
    "PREPARE_ABORT, 4, ABORTED",
    "COMPLETE_ABORT, 5, UNKNOWN",
    "EMPTY, 4, COMMITTED",
    "EMPTY, 3, UNKNOWN",
    "EMPTY, 5, UNKNOWN",
    "ONGOING, 4, UNKNOWN",
    "COMPLETE_COMMIT, 2, UNKNOWN",
  })
  void itIsWhatStateAndEpochProve(
      TransactionState state, int epochNow, TransactionOutcome outcome) {
    assertThat(TransactionOutcome.of(TRANSACTION, description(state, 7, epochNow)))
        .isEqualTo(outcome);
  }

  @Test
  void anotherProducerProvesNothing() {
    assertThat(
            TransactionOutcome.of(TRANSACTION, description(TransactionState.COMPLETE_COMMIT, 8, 3)))
        .isEqualTo(TransactionOutcome.UNKNOWN);
  }

  private static TransactionDescription description(
      TransactionState state, long producerId, int producerEpoch) {
    return new TransactionDescription(
        1, state, producerId, producerEpoch, 1000, OptionalLong.empty(), Set.of());
  }
}
