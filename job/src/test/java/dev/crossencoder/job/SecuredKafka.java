package dev.crossencoder.job;

import static org.awaitility.Awaitility.await;

import dev.crossencoder.kafka.EmbeddedKafka;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialAlteration;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * A broker whose clients must talk TLS and log in by SCRAM, and may do only what ACLs allow. The
 * tests themselves use {@link EmbeddedKafka#internalServers}, where everything is allowed.
 */
public final class SecuredKafka implements AutoCloseable {
  private static final String LOGIN_MODULE =
      "org.apache.kafka.common.security.scram.ScramLoginModule required";

  private final EmbeddedKafka kafka;
  private final TestCertificate certificate;

  private SecuredKafka(EmbeddedKafka kafka, TestCertificate certificate) {
    this.kafka = kafka;
    this.certificate = certificate;
  }

  /**
   * Starts one.
   *
   * @param client a certificate that clients may show
   */
  public static SecuredKafka start(Path folder, TestCertificate client) throws Exception {
    Files.createDirectories(folder);
    TestCertificate certificate =
        TestCertificate.create(folder, "localhost", "password-of-the-brokers-key");
    String trustPassword = "password-of-the-brokers-truststore";
    Map<String, String> settings = new HashMap<>();
    settings.put("listeners", "SASL_SSL://localhost:0");
    settings.put("sasl.enabled.mechanisms", "SCRAM-SHA-512");
    settings.put("listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config", LOGIN_MODULE + ";");
    settings.put("ssl.keystore.type", "PKCS12");
    settings.put("ssl.keystore.location", certificate.keyStore().toString());
    settings.put("ssl.keystore.password", certificate.password());
    settings.put("ssl.key.password", certificate.password());
    settings.put("ssl.truststore.type", "PKCS12");
    settings.put("ssl.truststore.location", client.trustStore(trustPassword).toString());
    settings.put("ssl.truststore.password", trustPassword);
    settings.put("listener.name.sasl_ssl.ssl.client.auth", "requested");
    settings.put(
        "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
    settings.put("super.users", "User:ANONYMOUS");
    return new SecuredKafka(EmbeddedKafka.start(folder.resolve("data"), settings), certificate);
  }

  /** The value of {@code sasl.jaas.config} for a user. */
  public static String jaas(String user, String password) {
    return "%s username=\"%s\" password=\"%s\";".formatted(LOGIN_MODULE, user, password);
  }

  public static AclBinding allow(
      String user, ResourceType type, String name, PatternType pattern, AclOperation operation) {
    return new AclBinding(
        new ResourcePattern(type, name, pattern),
        new AccessControlEntry("User:" + user, "*", operation, AclPermissionType.ALLOW));
  }

  /** The least that a job needs whose topics and group are named as those of {@link TestJobs}. */
  public static List<AclBinding> allowJob(String user, String job) {
    return List.of(
        allow(user, ResourceType.TOPIC, job, PatternType.LITERAL, AclOperation.READ),
        allow(
            user,
            ResourceType.TOPIC,
            TestJobs.scored(job),
            PatternType.LITERAL,
            AclOperation.WRITE),
        allow(
            user, ResourceType.TOPIC, TestJobs.dead(job), PatternType.LITERAL, AclOperation.WRITE),
        allow(user, ResourceType.GROUP, job, PatternType.LITERAL, AclOperation.READ),
        allow(
            user,
            ResourceType.TRANSACTIONAL_ID,
            job + "-",
            PatternType.PREFIXED,
            AclOperation.WRITE));
  }

  public String bootstrapServers() {
    return kafka.bootstrapServers();
  }

  public String internalServers() {
    return kafka.internalServers();
  }

  /** The broker's certificate. */
  public TestCertificate certificate() {
    return certificate;
  }

  public TestTopics topics() {
    return new TestTopics(kafka.internalServers());
  }

  /** Makes users with one password, and returns when the broker knows them. */
  public void addUsers(String password, String... users) throws Exception {
    ScramCredentialInfo info = new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096);
    try (Admin admin = admin()) {
      admin
          .alterUserScramCredentials(
              Arrays.stream(users)
                  .map(user -> new UserScramCredentialUpsertion(user, info, password))
                  .map(change -> (UserScramCredentialAlteration) change)
                  .toList())
          .all()
          .get(30, TimeUnit.SECONDS);
      await()
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptions()
          .until(
              () ->
                  admin
                      .describeUserScramCredentials(List.of(users))
                      .all()
                      .get(5, TimeUnit.SECONDS)
                      .keySet()
                      .containsAll(List.of(users)));
    }
  }

  /** Adds permissions, and returns when the broker knows them. */
  public void add(List<AclBinding> permissions) throws Exception {
    try (Admin admin = admin()) {
      admin.createAcls(permissions).all().get(30, TimeUnit.SECONDS);
      await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () ->
                  admin
                      .describeAcls(AclBindingFilter.ANY)
                      .values()
                      .get(5, TimeUnit.SECONDS)
                      .containsAll(permissions));
    }
  }

  /** Takes a permission away. */
  void remove(AclBinding permission) throws Exception {
    try (Admin admin = admin()) {
      admin.deleteAcls(List.of(permission.toFilter())).all().get(30, TimeUnit.SECONDS);
    }
  }

  private Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", kafka.internalServers()));
  }

  @Override
  public void close() {
    kafka.close();
  }
}
