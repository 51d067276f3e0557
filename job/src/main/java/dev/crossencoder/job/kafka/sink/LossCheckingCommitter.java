package dev.crossencoder.job.kafka.sink;

import dev.crossencoder.job.kafka.SafeClose;
import dev.crossencoder.job.options.JobOptions;
import dev.crossencoder.job.options.JobOptions.LostTransaction;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.connector.kafka.sink.KafkaCommittable;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.InvalidPidMappingException;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits as KafkaSink's committer does. KafkaSink only logs a transaction that Kafka will never
 * commit. This class asks the brokers for its outcome:
 *
 * <ul>
 *   <li>The transaction was committed earlier: nothing is lost. Kafka refuses most repeated
 *       commits.
 *   <li>The transaction was aborted, or its outcome is unknown: with {@link LostTransaction#FAIL}
 *       the job fails and does not restart, because its last checkpoint contains the same
 *       transaction. With {@link LostTransaction#CONTINUE} an error is logged and the loss is
 *       counted.
 * </ul>
 *
 * <p>The other transactions of a call are committed first. Any other failure, such as a missing
 * permission, fails the task, and the restart strategy decides.
 *
 * <p>Called by the task thread, which it blocks.
 */
final class LossCheckingCommitter implements Committer<KafkaCommittable> {
  private static final Logger LOG = LoggerFactory.getLogger(LossCheckingCommitter.class);

  private final Committer<KafkaCommittable> committer;
  private final Properties kafka;
  private final Duration longestOutage;
  private final LostTransaction lostTransaction;
  private final Counter lost;

  LossCheckingCommitter(
      Committer<KafkaCommittable> committer,
      Properties kafka,
      Duration longestOutage,
      LostTransaction lostTransaction,
      Counter lost) {
    this.committer = committer;
    this.kafka = kafka;
    this.longestOutage = longestOutage;
    this.lostTransaction = lostTransaction;
    this.lost = lost;
  }

  /**
   * Commits the transactions.
   *
   * @throws SuppressRestartsException if one of them is lost; the sentence names it and the ways
   *     out
   * @throws IOException if the brokers did not say whether one is lost
   */
  @Override
  public void commit(Collection<CommitRequest<KafkaCommittable>> requests)
      throws IOException, InterruptedException {
    List<Request> checked = requests.stream().map(Request::new).toList();
    committer.commit(List.copyOf(checked));
    SuppressRestartsException failure = null;
    for (Request request : checked) {
      if (request.refusal != null) {
        try {
          settle(request);
        } catch (LostTransactionException e) {
          if (failure == null) {
            failure = new SuppressRestartsException(e);
          } else {
            failure.addSuppressed(e);
          }
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  @Override
  public void close() {
    SafeClose.close("the committer of a Kafka sink", committer);
  }

  private void settle(Request request) throws IOException, InterruptedException {
    KafkaCommittable transaction = request.getCommittable();
    TransactionOutcome outcome = outcome(transaction);
    if (outcome == TransactionOutcome.COMMITTED) {
      LOG.info(
          "Transaction {} was committed before the restart; none of its records are lost",
          transaction.getTransactionalId());
      request.request.signalAlreadyCommitted();
      return;
    }
    lost.inc();
    request.request.signalFailedWithKnownReason(request.refusal);
    String fate =
        outcome == TransactionOutcome.ABORTED
            ? "Kafka has aborted it, and the records that it wrote are lost"
            : "Kafka no longer knows whether it was committed, and the records that it wrote may be lost";
    String what =
        "transaction %s, %s: %s"
            .formatted(transaction.getTransactionalId(), fate, request.refusal.getMessage());
    if (lostTransaction == LostTransaction.FAIL) {
      throw new LostTransactionException(
          "Cannot commit %s Either the job was stopped for longer than %s (%s) plus a checkpoint interval, or another job uses the same %s. To score the records again, resume from an older checkpoint, or start without one and with %s and a time before the failure; results that were committed since then are written twice. To continue without these records, resume from the same checkpoint with %s continue."
              .formatted(
                  what,
                  JobOptions.LONGEST_OUTAGE.key(),
                  longestOutage,
                  JobOptions.TRANSACTION_PREFIX.key(),
                  JobOptions.flag(JobOptions.FROM),
                  JobOptions.flag(JobOptions.LOST_TRANSACTION)),
          request.refusal);
    }
    LOG.error(
        "Continuing without {} The option {} allows this",
        what,
        JobOptions.LOST_TRANSACTION.key(),
        request.refusal);
  }

  private TransactionOutcome outcome(KafkaCommittable transaction)
      throws IOException, InterruptedException {
    String id = transaction.getTransactionalId();
    try (Admin admin = Admin.create(kafka)) {
      return TransactionOutcome.of(
          transaction, admin.describeTransactions(List.of(id)).description(id).get());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RetriableException) {
        throw new IOException(
            "Cannot determine the outcome of transaction %s, the brokers did not answer: %s"
                .formatted(id, e.getCause().getMessage()),
            e.getCause());
      }
      LOG.warn("Cannot look up transaction {}", id, e.getCause());
      return TransactionOutcome.UNKNOWN;
    }
  }

  /** A transaction that will never be committed. */
  private static final class LostTransactionException extends IOException {
    private static final long serialVersionUID = 1L;

    LostTransactionException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Stores the refusal of a commit for later, and passes on all other calls. */
  private static final class Request implements CommitRequest<KafkaCommittable> {
    private final CommitRequest<KafkaCommittable> request;
    private Throwable refusal;

    Request(CommitRequest<KafkaCommittable> request) {
      this.request = request;
    }

    @Override
    public KafkaCommittable getCommittable() {
      return request.getCommittable();
    }

    @Override
    public int getNumberOfRetries() {
      return request.getNumberOfRetries();
    }

    @Override
    public void signalFailedWithKnownReason(Throwable t) {
      refusal = t;
    }

    @Override
    public void signalFailedWithUnknownReason(Throwable t) {
      if (t instanceof InvalidPidMappingException) {
        refusal = t;
      } else {
        request.signalFailedWithUnknownReason(t);
      }
    }

    @Override
    public void retryLater() {
      request.retryLater();
    }

    @Override
    public void updateAndRetryLater(KafkaCommittable committable) {
      request.updateAndRetryLater(committable);
    }

    @Override
    public void signalAlreadyCommitted() {
      request.signalAlreadyCommitted();
    }

    @Override
    public String toString() {
      return request.toString();
    }
  }
}
