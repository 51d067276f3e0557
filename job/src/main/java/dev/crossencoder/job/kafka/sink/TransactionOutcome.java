package dev.crossencoder.job.kafka.sink;

import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.kafka.clients.admin.TransactionDescription;

/** What became of a transaction whose commit Kafka refuses. */
enum TransactionOutcome {
  /** It was committed earlier: its records are in the topic. */
  COMMITTED,
  /** It was aborted: no reader of committed records will see what it wrote. */
  ABORTED,
  /** Kafka has forgotten it, or its id was used again since: one of the two above. */
  UNKNOWN;

  /**
   * Reads the outcome from what the coordinator says of the transactional id now.
   *
   * <p>A producer that still has its transaction open when it ends gets the next epoch from the
   * end, be it a commit or an abort after the timeout, unless it speaks the older protocol. One
   * that the connector restores from a checkpoint speaks it: its commit keeps the epoch, and may be
   * followed by a request for the next, which leaves the id empty. An abort by timeout or by
   * another producer always takes an epoch, so that the request for the next one is the second.
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
