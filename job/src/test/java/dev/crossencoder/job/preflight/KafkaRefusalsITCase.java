package dev.crossencoder.job.preflight;

import static dev.crossencoder.job.TestJobs.dead;
import static dev.crossencoder.job.TestJobs.scored;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.crossencoder.job.CrossEncoderJob;
import dev.crossencoder.job.SecuredKafka;
import dev.crossencoder.job.TestCertificate;
import dev.crossencoder.job.TestTopics;
import dev.crossencoder.job.options.JobConfig;
import dev.crossencoder.operator.InvalidOptionException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said at submission when Kafka's brokers and the job's user do not get along. */
@Timeout(120)
class KafkaRefusalsITCase {
  private static final String PASSWORD = "open-sesame-1001";
  private static final String JOB = "pairs";
  private static final List<String> RESOURCES =
      List.of(
          "input.topic",
          "output.topic",
          "dead-letter.topic",
          "consumer.group",
          "transaction.prefix");

  @TempDir static Path folder;
  private static SecuredKafka kafka;
  private static TestCertificate client;
  private static Path trustStore;

  @BeforeAll
  static void start() throws Exception {
    client = TestCertificate.create(folder, "client", PASSWORD);
    kafka = SecuredKafka.start(folder.resolve("kafka"), client);
    trustStore = kafka.certificate().trustStore(PASSWORD);
    for (String topic : List.of(JOB, scored(JOB), dead(JOB))) {
      kafka.topics().create(topic, 1, Map.of());
    }
    List<String> users = new ArrayList<>(List.of("job", "reader", "stranger"));
    List<AclBinding> permissions = new ArrayList<>(SecuredKafka.allowJob("job", JOB));
    for (int i = 0; i < RESOURCES.size(); i++) {
      String user = "all-but-" + RESOURCES.get(i);
      users.add(user);
      List<AclBinding> all = new ArrayList<>(SecuredKafka.allowJob(user, JOB));
      all.remove(i);
      permissions.addAll(all);
    }
    for (String topic : List.of(JOB, scored(JOB), dead(JOB))) {
      permissions.add(
          SecuredKafka.allow(
              "reader", ResourceType.TOPIC, topic, PatternType.LITERAL, AclOperation.READ));
    }
    kafka.addUsers(PASSWORD, users.toArray(String[]::new));
    kafka.add(permissions);
  }

  @AfterAll
  static void stop() {
    kafka.close();
  }

  @Test
  void theLeastPermissionsAreEnough() {
    assertThatCode(() -> build(as("job", PASSWORD))).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "input.topic | Invalid input.topic: pairs. Kafka's user may not READ this topic. Add an ACL"
            + " that allows READ on it.",
        "output.topic | Invalid output.topic: pairs-scored. Kafka's user may not WRITE to this"
            + " topic. Add an ACL that allows WRITE on it.",
        "dead-letter.topic | Invalid dead-letter.topic: pairs-dead. Kafka's user may not WRITE to"
            + " this topic. Add an ACL that allows WRITE on it.",
        "consumer.group | Invalid consumer.group: pairs. Kafka's user may not READ this consumer"
            + " group. Add an ACL that allows READ on it.",
        "transaction.prefix | Invalid transaction.prefix: pairs. Kafka's user may not WRITE with"
            + " transactional ids such as pairs-results-0-1. Add an ACL that allows it to WRITE"
            + " with those that start with pairs-, or choose --delivery at-least-once."
      })
  void aMissingPermissionIsNamed(String missing, String message) {
    assertRefused(as("all-but-" + missing, PASSWORD), message);
  }

  @Test
  void whoMayOnlyReadTheOutputMayNotWriteIt() {
    assertRefused(
        as("reader", PASSWORD),
        "Invalid output.topic: pairs-scored. Kafka's user may not WRITE to this topic. Add an ACL"
            + " that allows WRITE on it.");
  }

  @Test
  void withoutTransactionsTheirIdsNeedNoPermission() {
    Map<String, String> options = as("all-but-transaction.prefix", PASSWORD);
    options.put("delivery", "at-least-once");

    assertThatCode(() -> build(options)).doesNotThrowAnyException();
  }

  @Test
  void aWrongPasswordNamesTheOptionThatHoldsIt() {
    String message =
        "Invalid properties.sasl.jaas.config: (not shown). The brokers refuse its user or its password:"
            + " Authentication failed during authentication due to invalid credentials with SASL"
            + " mechanism SCRAM-SHA-512. Also check properties.sasl.mechanism.";

    assertRefused(as("job", "open-barley-1001"), message);
    assertRefused(as("nobody", PASSWORD), message);
  }

  @Test
  void aMechanismThatTheBrokersDoNotHaveIsNamed() {
    Map<String, String> options = as("job", PASSWORD);
    options.put("properties.sasl.mechanism", "SCRAM-SHA-256");

    assertRefused(
        options,
        "Invalid properties.sasl.mechanism: SCRAM-SHA-256. The brokers use another one: Client SASL"
            + " mechanism 'SCRAM-SHA-256' not enabled in the server, enabled mechanisms are"
            + " [SCRAM-SHA-512]");
  }

  @Test
  void aLoginThatCannotBeParsedIsNotQuoted() {
    Map<String, String> options = as("job", PASSWORD);
    options.put(
        "properties.sasl.jaas.config",
        "org.apache.kafka.common.security.scram.ScramLoginModule required username=job"
            + " password=open "
            + PASSWORD
            + ";");

    assertRefused(
        options, "Invalid properties.sasl.jaas.config: (not shown). It must be a login module");
  }

  @Test
  void aCertificateThatIsNotTrustedNamesTheTrustStore() throws Exception {
    Path other = client.trustStore(PASSWORD);
    Map<String, String> options = as("job", PASSWORD);
    options.put("properties.ssl.truststore.location", other.toString());

    assertRefused(
        options,
        "Invalid properties.ssl.truststore.location: (not shown). It does not trust the brokers'"
            + " certificate: ");
  }

  @Test
  void withoutATrustStoreOneIsAskedFor() {
    Map<String, String> options = as("job", PASSWORD);
    options.keySet().removeIf(key -> key.startsWith("properties.ssl.truststore"));

    assertRefused(
        options,
        "Invalid properties.ssl.truststore.location: missing. It does not trust the brokers'"
            + " certificate: ");
  }

  @Test
  void aCertificateForAnotherNameNamesTheBrokers() {
    Map<String, String> options = as("job", PASSWORD);
    String address = kafka.bootstrapServers().replace("localhost", "127.0.0.1");
    options.put("bootstrap-servers", address);

    assertRefused(
        options,
        "Invalid bootstrap-servers: %s. The brokers' certificate is for another name: "
            .formatted(address));
  }

  @Test
  void aTrustStoreWithAnotherPasswordIsNamed() {
    Map<String, String> options = as("job", PASSWORD);
    options.put("properties.ssl.truststore.password", "open-barley-1001");

    assertRefused(
        options, "Invalid properties.ssl.truststore.location: (not shown). It cannot be read: ");
  }

  @Test
  void aPortWithoutTlsIsNamed() throws Exception {
    Thread answers;
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      answers = new Thread(() -> answerInPlainText(server), "server without TLS");
      answers.start();
      Map<String, String> options = as("job", PASSWORD);
      options.put("bootstrap-servers", "127.0.0.1:" + server.getLocalPort());

      assertRefused(
          options, "Invalid properties.security.protocol: SASL_SSL. TLS with the brokers fails: ");
    }
    answers.join();
  }

  private static void answerInPlainText(ServerSocket server) {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        socket.getOutputStream().write(TestTopics.bytes("This is no handshake.\r\n"));
        socket.getOutputStream().flush();
        // Until the client has had enough, lest the answer is lost in a reset.
        socket.getInputStream().readAllBytes();
      } catch (IOException e) {
        // The client has gone, or the test is over.
      }
    }
  }

  @Test
  void aListenerWithoutLoginsIsNamed() {
    Map<String, String> options = as("job", PASSWORD);
    options.put("bootstrap-servers", kafka.internalServers());
    options.put("properties.security.protocol", "SASL_PLAINTEXT");

    assertRefused(
        options,
        "Invalid properties.security.protocol: SASL_PLAINTEXT. The brokers' listener does not expect it:"
            + " ");
  }

  @Test
  void anUnknownProtocolIsRefused() {
    Map<String, String> options = as("job", PASSWORD);
    options.put("properties.security.protocol", "SASL_TLS");

    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> build(options))
        .withMessageStartingWith(
            "Invalid properties.security.protocol: (not shown). It must be a string that fits ");
  }

  @Test
  void secretsThatAreOnOtherMachinesOnlyAreNoReasonToRefuse() throws Exception {
    Path empty = Files.createFile(folder.resolve("empty.properties"));
    for (String reference :
        List.of(
            "${env:NOT_SET_HERE}",
            "${file:%s:jaas}".formatted(empty),
            "${file:%s:jaas}".formatted(folder.resolve("absent.properties")),
            "${directory:%s:jaas}".formatted(folder))) {
      Map<String, String> options = as("job", PASSWORD);
      options.put("properties.sasl.jaas.config", reference);

      assertThatCode(() -> build(options)).as(reference).doesNotThrowAnyException();
    }
    Map<String, String> options = as("job", PASSWORD);
    options.put("properties.ssl.truststore.location", folder.resolve("absent.p12").toString());
    assertThatCode(() -> build(options)).doesNotThrowAnyException();
  }

  private static Map<String, String> as(String user, String password) {
    Map<String, String> options = new HashMap<>();
    options.put("bootstrap-servers", kafka.bootstrapServers());
    options.put("input.topic", JOB);
    options.put("output.topic", scored(JOB));
    options.put("dead-letter.topic", dead(JOB));
    options.put("job.name", JOB);
    options.put("checkpoint.interval", "1s");
    options.put("cross-encoder.model", "demo-qa");
    options.put("properties.security.protocol", "SASL_SSL");
    options.put("properties.sasl.mechanism", "SCRAM-SHA-512");
    options.put("properties.sasl.jaas.config", SecuredKafka.jaas(user, password));
    options.put("properties.ssl.truststore.type", "PKCS12");
    options.put("properties.ssl.truststore.location", trustStore.toString());
    options.put("properties.ssl.truststore.password", PASSWORD);
    return options;
  }

  private static void assertRefused(Map<String, String> options, String start) {
    assertThatExceptionOfType(InvalidOptionException.class)
        .isThrownBy(() -> build(options))
        .withMessageStartingWith(start)
        .satisfies(
            refusal -> {
              for (Throwable t = refusal; t != null; t = t.getCause()) {
                assertThat(t.toString()).doesNotContain(PASSWORD, "open-barley-1001");
              }
            });
  }

  private static void build(Map<String, String> options) {
    CrossEncoderJob.build(
        StreamExecutionEnvironment.getExecutionEnvironment(),
        JobConfig.from(Configuration.fromMap(options)));
  }
}
