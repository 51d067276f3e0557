package dev.crossencoder.job.preflight;

import dev.crossencoder.job.options.JobConfig;
import dev.crossencoder.job.options.JobOptions;
import dev.crossencoder.operator.InvalidOptionException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.configuration.ConfigOption;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdNotFoundException;
import org.apache.kafka.common.resource.ResourceType;

/**
 * Checks the permissions of Kafka's user, as far as brokers report them without an actual attempt.
 * For a group or a transactional id that was never used, brokers report only whether the user may
 * see it. A user with DESCRIBE alone therefore passes the check for READ or WRITE, which include
 * DESCRIBE.
 */
final class KafkaPermissions {
  private final JobConfig config;
  private final Duration patience;

  KafkaPermissions(JobConfig config, Duration patience) {
    this.config = config;
    this.patience = patience;
  }

  /** Checks the group to which progress is committed. */
  void checkGroup(Admin admin) throws ExecutionException, TimeoutException, InterruptedException {
    String group = config.input().consumerGroup();
    try {
      var description =
          await(
              admin
                  .describeConsumerGroups(
                      List.of(group),
                      new DescribeConsumerGroupsOptions().includeAuthorizedOperations(true))
                  .describedGroups()
                  .get(group));
      check(
          JobOptions.CONSUMER_GROUP,
          group,
          ResourceType.GROUP,
          AclOperation.READ,
          description.authorizedOperations());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof GroupAuthorizationException) {
        throw missing(JobOptions.CONSUMER_GROUP, group, ResourceType.GROUP, AclOperation.READ);
      }
      if (!(e.getCause() instanceof GroupIdNotFoundException)) {
        throw e;
      }
    }
  }

  /** Checks the transactional ids. Each sink has its own, which start with the job's prefix. */
  void checkTransactionalIds(Admin admin)
      throws ExecutionException, TimeoutException, InterruptedException {
    for (String sink : List.of("results", "dead-letters")) {
      String id = "%s-%s-0-1".formatted(config.delivery().transactionPrefix(), sink);
      try {
        await(admin.describeTransactions(List.of(id)).description(id));
      } catch (ExecutionException e) {
        if (e.getCause() instanceof TransactionalIdAuthorizationException) {
          throw new InvalidOptionException(
              JobOptions.TRANSACTION_PREFIX,
              config.delivery().transactionPrefix(),
              "Kafka's user may not WRITE with transactional ids such as %s. Add an ACL that allows it to WRITE with those that start with %s-, or choose %s at-least-once."
                  .formatted(
                      id,
                      config.delivery().transactionPrefix(),
                      JobOptions.flag(JobOptions.DELIVERY)));
        }
        if (!(e.getCause() instanceof TransactionalIdNotFoundException)) {
          throw e;
        }
      }
    }
  }

  /**
   * Checks an operation.
   *
   * @param allowed the operations that the user may perform; null if the broker does not report
   *     them
   * @throws InvalidOptionException if the user does not have the permission
   */
  static void check(
      ConfigOption<String> option,
      String name,
      ResourceType type,
      AclOperation needed,
      Set<AclOperation> allowed) {
    if (allowed != null && !allowed.contains(needed)) {
      throw missing(option, name, type, needed);
    }
  }

  static InvalidOptionException missing(
      ConfigOption<String> option, String name, ResourceType type, AclOperation needed) {
    String verb = needed + (needed == AclOperation.WRITE ? " to" : "");
    String kind = type == ResourceType.GROUP ? "consumer group" : "topic";
    return new InvalidOptionException(
        option,
        name,
        "Kafka's user may not %s this %s. Add an ACL that allows %s on it."
            .formatted(verb, kind, needed));
  }

  private <T> T await(KafkaFuture<T> future)
      throws ExecutionException, TimeoutException, InterruptedException {
    return future.get(patience.toMillis(), TimeUnit.MILLISECONDS);
  }
}
