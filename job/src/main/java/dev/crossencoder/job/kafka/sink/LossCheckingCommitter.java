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
 * Commits as KafkaSink's committer does, which only logs a transaction that Kafka will never
 * commit. This one asks the brokers what became of it:
 *
 * <ul>
 *   <li>It had been committed: all is well. Kafka refuses most repeated commits.
 *   <li>It was aborted, or that cannot be known any more: with {@link LostTransaction#FAIL} the job
 *       fails and does not restart, since its last checkpoint has the same transaction; with {@link
 *       LostTransaction#CONTINUE} an error is logged and the loss counted.
 * </ul>
 *
 * <p>The other transactions of a call are committed first. What the brokers may yet do otherwise,
 * such as a permission that is missing, fails the task and leaves the rest to the restart strategy.
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
          "Transaction {} had been committed before the restart, nothing of it is lost",
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
          "Cannot commit %s Either the time without the job was longer than %s (%s) and a checkpoint interval, or another job has the same %s. To score the records again, resume from an older checkpoint or start without one and with %s and a time before the failure; results committed since then come twice. To give them up, resume from the same checkpoint with %s continue."
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
        "Going on without {} This is as {} demands",
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
            "Cannot find out what became of transaction %s, the brokers did not say: %s"
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

  /** Keeps for later that Kafka will not commit a transaction, and passes on everything else. */
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
