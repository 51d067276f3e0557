package dev.crossencoder.job.preflight;

import dev.crossencoder.job.options.JobOptions;
import dev.crossencoder.job.options.KafkaSecrets;
import dev.crossencoder.operator.InvalidOptionException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.security.auth.login.LoginException;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.IllegalSaslStateException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.UnsupportedSaslMechanismException;

/**
 * Turns a failure between a client and Kafka's brokers into a sentence that names the option to
 * check. Values are not shown.
 */
final class KafkaRefusals {
  private static final String JAAS = "sasl.jaas.config";
  private static final String MECHANISM = "sasl.mechanism";
  private static final String PROTOCOL = "security.protocol";
  private static final String TRUST_STORE = "ssl.truststore.location";
  private static final String TRUSTED = "ssl.truststore.certificates";
  private static final String KEY_STORE = "ssl.keystore.location";

  private KafkaRefusals() {}

  /** Returns the exception for a failure between the client and a broker. */
  static InvalidOptionException ofBrokers(
      AuthenticationException refusal, Map<String, String> kafka) {
    if (refusal instanceof SslAuthenticationException) {
      return ofTls(refusal, kafka);
    }
    if (refusal instanceof UnsupportedSaslMechanismException) {
      return invalid(
          MECHANISM,
          shown(kafka, MECHANISM, "GSSAPI, the default"),
          "The brokers use another one: %s".formatted(refusal.getMessage()),
          refusal);
    }
    if (refusal instanceof IllegalSaslStateException) {
      return invalid(
          PROTOCOL,
          shown(kafka, PROTOCOL, "PLAINTEXT, the default"),
          "The brokers' listener does not expect it: %s".formatted(refusal.getMessage()),
          refusal);
    }
    return invalid(
        JAAS,
        KafkaSecrets.HIDDEN,
        "The brokers refuse its user or its password: %s. Also check %s."
            .formatted(refusal.getMessage(), key(MECHANISM)),
        refusal);
  }

  private static InvalidOptionException ofTls(
      AuthenticationException refusal, Map<String, String> kafka) {
    String reason = String.valueOf(root(refusal).getMessage());
    if (reason.contains("certification path") || reason.contains("trust anchor")) {
      String key = kafka.containsKey(TRUSTED) ? TRUSTED : TRUST_STORE;
      return invalid(
          key,
          shown(kafka, key, "missing"),
          "It does not trust the brokers' certificate: %s. Name a store with the certificate that signed it."
              .formatted(reason),
          refusal);
    }
    if (reason.startsWith("No name matching") || reason.startsWith("No subject alternative")) {
      return invalid(
          JobOptions.BOOTSTRAP_SERVERS,
          kafka.get("bootstrap.servers"),
          "The brokers' certificate is for another name: %s. Use the name in the certificate."
              .formatted(reason),
          refusal);
    }
    return invalid(
        PROTOCOL,
        shown(kafka, PROTOCOL, "PLAINTEXT, the default"),
        "TLS with the brokers fails: %s. Check whether the port uses TLS, and whether the brokers require a client certificate (%s)?"
            .formatted(reason, key(KEY_STORE)),
        refusal);
  }

  /**
   * Returns the exception for a client that cannot be created; empty if the reason may not exist on
   * other machines.
   */
  static Optional<InvalidOptionException> ofClient(
      KafkaException failure, Map<String, String> kafka) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof NoSuchFileException) {
        return Optional.empty();
      }
      if (t instanceof IllegalArgumentException || t instanceof LoginException) {
        return kafka.getOrDefault(PROTOCOL, "").toUpperCase(Locale.ROOT).startsWith("SASL")
            ? Optional.of(jaas(kafka))
            : Optional.empty();
      }
      String message = String.valueOf(t.getMessage());
      if (message.startsWith("Failed to load SSL keystore")
          && !(root(t) instanceof NoSuchFileException)) {
        String store = kafka.get(KEY_STORE);
        String key = store != null && message.contains(store) ? KEY_STORE : TRUST_STORE;
        return Optional.of(
            // Without the cause, which repeats where the store is.
            new InvalidOptionException(
                option(key),
                KafkaSecrets.HIDDEN,
                "It cannot be read: %s. Check its password and its type."
                    .formatted(root(t).getMessage())));
      }
    }
    return Optional.empty();
  }

  /** Returns the exception without the cause, which may quote a part of the password. */
  private static InvalidOptionException jaas(Map<String, String> kafka) {
    return new InvalidOptionException(
        option(JAAS),
        kafka.containsKey(JAAS) ? KafkaSecrets.HIDDEN : "missing",
        "It must be a login module, the word required, options with their values in double quotes,"
            + " and a semicolon, such as: org.apache.kafka.common.security.scram.ScramLoginModule"
            + " required username=\"…\" password=\"…\";");
  }

  private static InvalidOptionException invalid(
      String key, String value, String reason, KafkaException cause) {
    return invalid(option(key), value, reason, cause);
  }

  private static InvalidOptionException invalid(
      ConfigOption<?> option, String value, String reason, KafkaException cause) {
    InvalidOptionException invalid = new InvalidOptionException(option, value, reason);
    invalid.initCause(cause);
    return invalid;
  }

  private static String shown(Map<String, String> kafka, String key, String absent) {
    return kafka.containsKey(key) ? KafkaSecrets.shown(kafka.get(key)) : absent;
  }

  private static ConfigOption<String> option(String key) {
    return ConfigOptions.key(key(key)).stringType().noDefaultValue();
  }

  private static String key(String key) {
    return JobOptions.PROPERTIES_PREFIX + key;
  }

  private static Throwable root(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return root;
  }
}
