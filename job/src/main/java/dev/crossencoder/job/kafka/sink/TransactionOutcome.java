package dev.crossencoder.job.kafka.sink;

import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.kafka.clients.admin.TransactionDescription;

/** The outcome of a transaction whose commit Kafka refuses. */
enum TransactionOutcome {
  /** It was committed earlier: its records are in the topic. */
  COMMITTED,
  /** It was aborted: readers of committed records will never see its records. */
  ABORTED,
  /** Kafka has forgotten it, or its id was used again later: it was committed or aborted. */
  UNKNOWN;

  /**
   * Determines the outcome from the coordinator's current description of the transactional id.
   *
   * <p>A producer that has an open transaction gets the next epoch when the transaction ends, by a
   * commit or by an abort after the timeout, unless it uses the older protocol. A producer that the
   * connector restores from a checkpoint uses the older protocol: its commit keeps the epoch. A
   * request for the next epoch may follow, which leaves the id empty. An abort by timeout or by
   * another producer always takes an epoch, so that a request for the next epoch takes the second
   * one.
   */
  static TransactionOutcome of(KafkaCommittable transaction, TransactionDescription now) {
    int epochs = now.producerEpoch() - transaction.getEpoch();
    if (now.producerId() != transaction.getProducerId() || epochs < 0 || epochs > 1) {
      return UNKNOWN;
    }
    return switch (now.state()) {
      case PREPARE_COMMIT, COMPLETE_COMMIT -> COMMITTED;
      case PREPARE_ABORT, COMPLETE_ABORT, PREPARE_EPOCH_FENCE -> ABORTED;
      case EMPTY -> epochs == 1 ? COMMITTED : UNKNOWN;
      case ONGOING, UNKNOWN -> UNKNOWN;
    };
  }
}
