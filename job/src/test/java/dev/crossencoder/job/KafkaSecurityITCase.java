package dev.crossencoder.job;

import static dev.crossencoder.job.TestJobs.dead;
import static dev.crossencoder.job.TestJobs.scored;
import static dev.crossencoder.job.TestTopics.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.crossencoder.cluster.SessionCluster;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The job jar on a session cluster, against brokers with TLS, SCRAM and ACLs. What all processes
 * log, at a level that shows Kafka's options and more, and what the web UI gets to see is searched
 * for secrets and for a word that all records' keys and texts have.
 */
@Timeout(300)
@Tag("full")
class KafkaSecurityITCase {
  private static final Duration DEADLINE = Duration.ofSeconds(90);
  private static final Path JOB_JAR = Path.of(System.getProperty("job.jar"));

  private static final String PASSWORD = "plugh-2002-password";
  private static final String WRONG_PASSWORD = "plover-2002-password";
  private static final String STORE_PASSWORD = "xyzzy-2002-truststore";
  private static final String MARKER = "marzipan";
  private static final int MAX_BYTES = 4000;

  @TempDir static Path folder;
  private static SecuredKafka kafka;
  private static SessionCluster cluster;
  private static TestCertificate client;
  private static Path trustStore;

  @BeforeAll
  static void start() throws Exception {
    client = TestCertificate.create(folder, "client", "password-of-the-clients-key");
    kafka = SecuredKafka.start(folder.resolve("kafka"), client);
    trustStore = kafka.certificate().trustStore(STORE_PASSWORD);
    kafka.addUsers(PASSWORD, "job", "half");
    cluster =
        SessionCluster.start(
            folder.resolve("flink"),
            FlinkLib.withDemoModels(),
            1,
            Map.of("env.java.opts.all", "-Dlog.level=debug -Dlog.level.kafka=debug"));
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
    if (kafka != null) {
      kafka.close();
    }
  }

  @Test
  void aJobWithItsSecretsInFilesRunsAndTellsNobody() throws Exception {
    createTopics("sealed");
    kafka.add(SecuredKafka.allowJob("job", "sealed"));
    kafka.topics().send(records("sealed"));

    SessionCluster.Run run =
        flinkRun(
            arguments("sealed", secrets("job", PASSWORD), trustStore),
            // A private key as text, for a broker that asks for certificates.
            "--kafka=ssl.keystore.type=PEM",
            "--kafka=ssl.keystore.key=${file:%s:key}".formatted(folder.resolve("job.properties")),
            "--kafka=ssl.keystore.certificate.chain=${file:%s:chain}"
                .formatted(folder.resolve("job.properties")));

    assertThat(run.exitCode()).as(run.output() + cluster).isZero();
    String job = run.jobId();
    kafka.topics().awaitCommitted(1, scored("sealed"));
    assertThat(kafka.topics().awaitCommitted(4, dead("sealed")))
        .extracting(record -> TestTopics.headers(record).get("cross-encoder.reason"))
        .contains("malformed_json", "oversized_result");
    searchLogsAndRestApi(job, run.output());

    // A failure while records are on their way.
    kafka.remove(write("job", scored("sealed")));
    kafka.topics().send(records("sealed"));
    await()
        .atMost(DEADLINE)
        .pollInterval(Duration.ofMillis(500))
        .untilAsserted(
            () ->
                assertThat(cluster.rest().failures(job))
                    .contains("TopicAuthorizationException")
                    .contains("[" + scored("sealed") + "]"));
    searchLogsAndRestApi(job, run.output());
    cluster.rest().cancel(job);
  }

  @Test
  void whatKafkaRefusesIsNamedBeforeTheJobIsSubmitted() throws Exception {
    createTopics("refused");
    List<AclBinding> permissions = new ArrayList<>(SecuredKafka.allowJob("half", "refused"));
    permissions.remove(write("half", scored("refused")));
    kafka.add(permissions);

    assertRefused(
        flinkRun(arguments("refused", secrets("half", WRONG_PASSWORD), trustStore)),
        "Invalid properties.sasl.jaas.config: (not shown). The brokers refuse its user or its password");
    assertRefused(
        flinkRun(
            arguments("refused", secrets("half", PASSWORD), client.trustStore(STORE_PASSWORD))),
        "Invalid properties.ssl.truststore.location: ");
    assertRefused(
        flinkRun(arguments("refused", secrets("half", PASSWORD), trustStore)),
        "Invalid output.topic: refused-scored. Kafka's user may not WRITE to this topic.");
  }

  @Test
  void secretsInTheConfigurationFileItselfAreNotToldEither() throws Exception {
    createTopics("plain");
    kafka.add(SecuredKafka.allowJob("job", "plain"));
    Path config = folder.resolve("job.yaml");
    Files.writeString(
        config,
        """
        input.topic: plain
        output.topic: plain-scored
        dead-letter.topic: plain-dead
        job.name: plain
        until: latest
        bootstrap-servers: %s
        checkpoint.interval: 500ms
        output.max-record-size: %db
        cross-encoder.model: demo-qa
        kafka:
          security.protocol: SASL_SSL
          sasl.mechanism: SCRAM-SHA-512
          sasl.jaas.config: '%s'
          ssl.truststore:
            type: PKCS12
            location: %s
            password: %s
        """
            .formatted(
                kafka.bootstrapServers(),
                MAX_BYTES,
                SecuredKafka.jaas("job", PASSWORD),
                trustStore,
                STORE_PASSWORD));
    kafka.topics().send(records("plain"));

    SessionCluster.Run run =
        cluster.flinkRun(List.of(JOB_JAR.toString(), "--config", config.toString()));

    assertThat(run.exitCode()).as(run.output() + cluster).isZero();
    assertThat(kafka.topics().committed(scored("plain"))).isNotEmpty();
    searchLogsAndRestApi(run.jobId(), run.output());
  }

  /** Topics that take small results only. */
  private static void createTopics(String name) throws Exception {
    Map<String, String> limit = Map.of("max.message.bytes", String.valueOf(MAX_BYTES));
    kafka.topics().create(name, 1, Map.of());
    kafka.topics().create(scored(name), 1, limit);
    kafka.topics().create(dead(name), 1, limit);
  }

  /** A good record, and some that become dead letters for different reasons. */
  private static List<ProducerRecord<byte[], byte[]>> records(String topic) {
    return Stream.of(
            "{\"query\": \"Who bakes %1$s?\", \"passage\": \"Bakers bake %1$s.\"}",
            "{\"query\": \"%1$s\", \"passage\"",
            "{\"query\": \"%1$s\", \"passage\": {\"no text\": \"%1$s\"}}",
            "{\"query\": \"%1$s\", \"passage\": \"" + "%1$s ".repeat(1000) + "\"}",
            "%1$s")
        .map(value -> TestTopics.record(topic, MARKER, bytes(value.formatted(MARKER))))
        .toList();
  }

  private static AclBinding write(String user, String topic) {
    return SecuredKafka.allow(
        user, ResourceType.TOPIC, topic, PatternType.LITERAL, AclOperation.WRITE);
  }

  /** Writes what a client needs to know of secrets, as Kafka's FileConfigProvider reads it. */
  private static Path secrets(String user, String password) throws Exception {
    Properties properties = new Properties();
    properties.put("jaas", SecuredKafka.jaas(user, password));
    properties.put("truststore", STORE_PASSWORD);
    properties.put("key", client.keyPem());
    properties.put("chain", client.certificatePem());
    Path file = folder.resolve(user + ".properties");
    try (OutputStream output = Files.newOutputStream(file)) {
      properties.store(output, null);
    }
    return file;
  }

  private static List<String> arguments(String name, Path secrets, Path trustStore) {
    return List.of(
        "--bootstrap-servers=" + kafka.bootstrapServers(),
        "--input-topic=" + name,
        "--output-topic=" + scored(name),
        "--dead-letter-topic=" + dead(name),
        "--job-name=" + name,
        "--model=demo-qa",
        "--checkpoint-interval=500ms",
        // The user may not look up what the topics take.
        "--output-max-record-size=%db".formatted(MAX_BYTES),
        "--kafka=security.protocol=SASL_SSL",
        "--kafka=sasl.mechanism=SCRAM-SHA-512",
        "--kafka=sasl.jaas.config=${file:%s:jaas}".formatted(secrets),
        "--kafka=ssl.truststore.type=PKCS12",
        "--kafka=ssl.truststore.location=" + trustStore,
        "--kafka=ssl.truststore.password=${file:%s:truststore}".formatted(secrets));
  }

  private static SessionCluster.Run flinkRun(List<String> jobArguments, String... more)
      throws Exception {
    List<String> arguments = new ArrayList<>(List.of("-d", JOB_JAR.toString()));
    arguments.addAll(jobArguments);
    arguments.addAll(List.of(more));
    return cluster.flinkRun(arguments);
  }

  private static void assertRefused(SessionCluster.Run run, String message) throws Exception {
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.output()).contains(message).doesNotContain("Job has been submitted");
    assertNothingSecret("flink run", run.output());
  }

  private static void searchLogsAndRestApi(String job, String output) throws Exception {
    Map<String, String> told = new LinkedHashMap<>();
    told.put("flink run", output);
    for (String path :
        List.of(
            "/jobmanager/config",
            "/jobmanager/environment",
            "/jobs/" + job,
            "/jobs/" + job + "/config",
            "/jobs/" + job + "/plan",
            "/jobs/" + job + "/exceptions",
            "/jobs/" + job + "/checkpoints/config")) {
      told.put(path, cluster.rest().text(path));
    }
    told.putAll(logs());
    assertThat(told.get("/jobs/" + job + "/config")).contains("output.topic");
    String logs = String.join("\n", logs().values());
    assertThat(logs)
        .as("Kafka's options are logged, so a secret could be")
        .contains("sasl.jaas.config = [hidden]", "sasl.mechanism = SCRAM-SHA-512");
    for (Map.Entry<String, String> text : told.entrySet()) {
      assertNothingSecret(text.getKey(), text.getValue());
    }
  }

  private static Map<String, String> logs() throws IOException {
    Map<String, String> logs = new LinkedHashMap<>();
    try (Stream<Path> files = Files.list(folder.resolve("flink"))) {
      for (Path file : files.filter(file -> file.toString().endsWith(".log")).toList()) {
        logs.put(file.getFileName().toString(), Files.readString(file));
      }
    }
    assertThat(logs).containsKeys("jobmanager.log", "taskmanager-0.log", "flink-run-0.log");
    return logs;
  }

  private static void assertNothingSecret(String where, String text) throws Exception {
    // The second line is the first of the key itself.
    String key = client.keyPem().lines().toList().get(1).substring(0, 40);
    for (String secret : List.of(PASSWORD, WRONG_PASSWORD, STORE_PASSWORD, key, MARKER)) {
      List<String> lines = text.lines().filter(line -> line.contains(secret)).limit(5).toList();
      assertThat(lines).as("%s in %s", secret, where).isEmpty();
    }
  }
}
