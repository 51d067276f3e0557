package dev.crossencoder.job.preflight;

import dev.crossencoder.job.kafka.source.StoppingOffsets;
import dev.crossencoder.job.kafka.topic.OutputTopics;
import dev.crossencoder.job.kafka.topic.TopicLook;
import dev.crossencoder.job.kafka.topic.TopicSettings;
import dev.crossencoder.job.options.ClientOptions;
import dev.crossencoder.job.options.JobConfig;
import dev.crossencoder.job.options.JobOptions;
import dev.crossencoder.job.options.KafkaSecrets;
import dev.crossencoder.job.options.StoppingPosition;
import dev.crossencoder.operator.InvalidOptionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.flink.annotation.Internal;
import org.apache.flink.configuration.ConfigOption;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.resource.ResourceType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks the options against the Kafka cluster before the job is submitted. It detects a password
 * or certificate that is refused, missing permissions, missing topics, and timeouts and sizes that
 * do not fit. Without these checks, the job would fail later and restart repeatedly. A check is
 * omitted with a warning if no broker answers, if a secret is only on other machines, or if the
 * user has no permission for it.
 */
@Internal
public final class KafkaPreflight {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaPreflight.class);
  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final String MAX_TRANSACTION_TIMEOUT = "transaction.max.timeout.ms";
  private static final String MAX_REQUEST_BYTES = "socket.request.max.bytes";

  private final JobConfig config;
  private final Duration transactionTimeout;
  private final boolean firstStart;
  private final Map<String, TopicSettings> settings = new HashMap<>();
  private int maxRequestBytes = Integer.MAX_VALUE;
  private StoppingOffsets stops = StoppingOffsets.NEVER;

  /**
   * The results of the checks.
   *
   * @param outputs the records that the topics for results and dead letters accept
   * @param stops the offsets at which the run stops
   */
  public record Findings(OutputTopics outputs, StoppingOffsets stops) {}

  /**
   * Creates the checks.
   *
   * @param firstStart whether no earlier run of the job can have left open transactions that it
   *     will finish
   */
  public KafkaPreflight(JobConfig config, Duration transactionTimeout, boolean firstStart) {
    this.config = config;
    this.transactionTimeout = transactionTimeout;
    this.firstStart = firstStart;
  }

  /**
   * Runs the checks.
   *
   * @throws InvalidOptionException naming the key, the value and what to do
   */
  public Findings run() {
    Properties properties = config.kafkaProperties();
    // Both, since the client refuses a user's value of one that contradicts ours of the other.
    long patience =
        atMost(PATIENCE.toMillis(), properties, AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG);
    atMost(patience / 2, properties, AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG);
    stops =
        config.input().until() == StoppingPosition.Named.NEVER
            ? StoppingOffsets.NEVER
            : StoppingOffsets.UNKNOWN;
    if (!canBeResolvedHere(properties)) {
      return findings();
    }
    try (Admin admin = Admin.create(properties)) {
      KafkaPermissions permissions = new KafkaPermissions(config, PATIENCE);
      boolean answers = look("topics", () -> checkTopics(admin));
      if (answers) {
        look("the consumer group", () -> permissions.checkGroup(admin));
        look(
            "the output topics' settings",
            () ->
                settings.putAll(
                    TopicLook.at(
                        admin,
                        List.of(config.output().topic(), config.output().deadLetterTopic()),
                        PATIENCE)));
        look("the brokers' largest request", () -> findMaxRequestBytes(admin));
      }
      if (answers && stops.bounded()) {
        look("the offsets to stop at", () -> stops = StoppingOffsets.find(admin, config, PATIENCE));
      }
      if (answers && config.delivery().exactlyOnce()) {
        look("the transactional ids", () -> permissions.checkTransactionalIds(admin));
        look("the brokers' transaction timeout", () -> checkTransactionTimeout(admin));
        if (firstStart) {
          look("open transactions", () -> checkTransactionPrefix(admin));
        }
      }
    } catch (KafkaException e) {
      Optional<InvalidOptionException> refusal = KafkaRefusals.ofClient(e, config.kafka());
      if (refusal.isPresent()) {
        throw refusal.get();
      }
      // Without its causes: one of them may quote a secret that could not be parsed.
      SubmissionWarnings.warn(
          LOG,
          "Cannot check the options against the Kafka cluster of {} {} before submission: {}",
          JobOptions.flag(JobOptions.BOOTSTRAP_SERVERS),
          properties.getProperty(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG),
          isUnresolved(e) ? "no host name in it can be resolved on this machine." : e.getMessage());
    }
    return findings();
  }

  /** Returns whether a client cannot start because no host name can be resolved. */
  private static boolean isUnresolved(KafkaException refusal) {
    return refusal.getCause() instanceof ConfigException cause
        && String.valueOf(cause.getMessage()).startsWith("No resolvable bootstrap urls");
  }

  private Findings findings() {
    OutputTopics outputs = new OutputTopics(config, settings, maxRequestBytes);
    OutputChecks.check(config, outputs);
    return new Findings(outputs, stops);
  }

  /**
   * Returns whether all references to secrets can be resolved on this machine. Some may exist on
   * the TaskManagers only.
   */
  private boolean canBeResolvedHere(Properties properties) {
    List<String> unresolved;
    try {
      unresolved =
          KafkaSecrets.references(ClientOptions.resolve(properties, config.delivery().guarantee()));
    } catch (ConfigException e) {
      SubmissionWarnings.warn(
          LOG,
          "Cannot check the options against the Kafka cluster before submission: {}",
          e.getMessage());
      return false;
    }
    if (!unresolved.isEmpty()) {
      SubmissionWarnings.warn(
          LOG,
          "Cannot check the options against the Kafka cluster before submission: the secret to which {}"
              + " refers is not on this machine",
          unresolved);
    }
    return unresolved.isEmpty();
  }

  @FunctionalInterface
  private interface Look {
    void run() throws ExecutionException, TimeoutException, InterruptedException;
  }

  /**
   * Runs one check, and returns whether the cluster answers. A user who lacks the permission for
   * one check may have it for others.
   */
  private boolean look(String what, Look look) {
    try {
      look.run();
      return true;
    } catch (ExecutionException | TimeoutException e) {
      if (e.getCause() instanceof AuthenticationException refusal) {
        throw KafkaRefusals.ofBrokers(refusal, config.kafka());
      }
      SubmissionWarnings.warn(
          LOG,
          "Cannot read {} before submission, so this check is omitted: {}",
          what,
          String.valueOf(e.getCause() == null ? e : e.getCause()));
      return !(e instanceof TimeoutException)
          && !(e.getCause() instanceof org.apache.kafka.common.errors.TimeoutException);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while checking the Kafka cluster", e);
    }
  }

  /**
   * Lowers a timeout and returns its new value. A value that is not a number is left to the client.
   */
  private static long atMost(long limit, Properties properties, String key) {
    String wanted = properties.getProperty(key, String.valueOf(limit));
    if (!wanted.matches("[0-9]{1,18}")) {
      return limit;
    }
    long timeout = Math.min(limit, Long.parseLong(wanted));
    properties.put(key, String.valueOf(timeout));
    return timeout;
  }

  private void checkTopics(Admin admin)
      throws ExecutionException, TimeoutException, InterruptedException {
    String control = config.updates().controlTopic();
    String shadow = config.shadow() == null ? null : config.shadow().topic();
    List<String> topics =
        Stream.of(
                config.input().topic(),
                config.output().topic(),
                config.output().deadLetterTopic(),
                control,
                shadow)
            .filter(Objects::nonNull)
            .toList();
    var descriptions =
        admin
            .describeTopics(topics, new DescribeTopicsOptions().includeAuthorizedOperations(true))
            .topicNameValues();
    List<String> missing = new ArrayList<>();
    for (String topic : topics) {
      AclOperation needed =
          topic.equals(config.input().topic()) || topic.equals(control)
              ? AclOperation.READ
              : AclOperation.WRITE;
      try {
        KafkaPermissions.check(
            option(topic),
            topic,
            ResourceType.TOPIC,
            needed,
            descriptions
                .get(topic)
                .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .authorizedOperations());
      } catch (ExecutionException e) {
        if (e.getCause() instanceof TopicAuthorizationException) {
          throw KafkaPermissions.missing(option(topic), topic, ResourceType.TOPIC, needed);
        }
        if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
          throw e;
        }
        missing.add(topic);
      }
    }
    if (!missing.isEmpty()) {
      throw new InvalidOptionException(
          option(missing.get(0)),
          String.join(", ", missing),
          "There is no such topic on this Kafka cluster. Create it first, with as many partitions"
              + " as the input topic if records must keep their partition.");
    }
  }

  private ConfigOption<String> option(String topic) {
    if (topic.equals(config.input().topic())) {
      return JobOptions.INPUT_TOPIC;
    }
    if (topic.equals(config.updates().controlTopic())) {
      return JobOptions.MODEL_CONTROL_TOPIC;
    }
    if (config.shadow() != null && topic.equals(config.shadow().topic())) {
      return JobOptions.SHADOW_TOPIC;
    }
    return topic.equals(config.output().topic())
        ? JobOptions.OUTPUT_TOPIC
        : JobOptions.DEAD_LETTER_TOPIC;
  }

  private void checkTransactionTimeout(Admin admin)
      throws ExecutionException, TimeoutException, InterruptedException {
    ConfigEntry entry = brokerConfig(admin).get(MAX_TRANSACTION_TIMEOUT);
    if (entry == null) {
      return;
    }
    Duration limit = Duration.ofMillis(Long.parseLong(entry.value()));
    if (transactionTimeout.compareTo(limit) > 0) {
      throw new InvalidOptionException(
          JobOptions.LONGEST_OUTAGE,
          config.delivery().longestOutage(),
          "With the checkpoint interval, it makes a transaction timeout of %d s, but the brokers' %s allows %d s. Lower it or the interval, or raise the brokers' limit."
              .formatted(
                  transactionTimeout.toSeconds(), MAX_TRANSACTION_TIMEOUT, limit.toSeconds()));
    }
  }

  /**
   * Refuses a prefix that another job uses: the two jobs would abort each other's transactions and
   * lose results silently.
   */
  private void checkTransactionPrefix(Admin admin)
      throws ExecutionException, TimeoutException, InterruptedException {
    // By the sinks' whole form: a job named a must not stumble over one named a-b.
    Pattern ours =
        Pattern.compile(
            Pattern.quote(config.delivery().transactionPrefix())
                + "-(results|dead-letters|shadow)-[0-9]+-[0-9]+");
    List<String> open =
        admin
            .listTransactions(
                new ListTransactionsOptions().filterStates(Set.of(TransactionState.ONGOING)))
            .all()
            .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
            .stream()
            .map(TransactionListing::transactionalId)
            .filter(ours.asMatchPredicate())
            .sorted()
            .toList();
    if (!open.isEmpty()) {
      throw new InvalidOptionException(
          JobOptions.TRANSACTION_PREFIX,
          config.delivery().transactionPrefix(),
          "Kafka has %d open transactions of this prefix, the first is %s: another job with this prefix is running, or crashed less than %d s ago. Stop that job, start from its checkpoint, wait, or choose another %s."
              .formatted(
                  open.size(),
                  open.get(0),
                  transactionTimeout.toSeconds(),
                  JobOptions.JOB_NAME.key()));
    }
  }

  private void findMaxRequestBytes(Admin admin)
      throws ExecutionException, TimeoutException, InterruptedException {
    ConfigEntry entry = brokerConfig(admin).get(MAX_REQUEST_BYTES);
    if (entry != null) {
      maxRequestBytes = Integer.parseInt(entry.value());
    }
  }

  /** Returns the settings of one broker. All brokers are assumed to have the same. */
  private static Config brokerConfig(Admin admin)
      throws ExecutionException, TimeoutException, InterruptedException {
    var nodes = admin.describeCluster().nodes().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    ConfigResource broker =
        new ConfigResource(ConfigResource.Type.BROKER, nodes.iterator().next().idString());
    return admin
        .describeConfigs(List.of(broker))
        .all()
        .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
        .get(broker);
  }
}
