package dev.crossencoder.job;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.provider.DirectoryConfigProvider;
import org.apache.kafka.common.config.provider.EnvVarConfigProvider;
import org.apache.kafka.common.config.provider.FileConfigProvider;

/**
 * Keeps secrets out of arguments, and lets them stay out of the job graph: values are references
 * that Kafka's own config providers resolve inside each client, {@code ${env:NAME}}, {@code
 * ${file:/path/file.properties:key}} or {@code ${directory:/path:file}}.
 */
final class KafkaSecrets {
  private static final String PROVIDERS = "config.providers";
  private static final Pattern SECRET =
      Pattern.compile(
          ".*(password|passphrase|secret|jaas\\.config|keystore\\.key|credential|token).*");

  /** Names such as {@code sasl.oauthbearer.token.endpoint.url} say where, not what. */
  private static final Pattern NO_SECRET = Pattern.compile(".*\\.(location|url|client\\.id)");

  private static final Pattern REFERENCE = Pattern.compile("(?s).*\\$\\{[a-z]+:.*\\}.*");

  private KafkaSecrets() {}

  /** Makes the three kinds of references known to the clients, unless the user chose providers. */
  static void addConfigProviders(Map<String, String> kafka) {
    if (!kafka.containsKey(PROVIDERS)) {
      kafka.put(PROVIDERS, "env,file,directory");
      kafka.put(PROVIDERS + ".env.class", EnvVarConfigProvider.class.getName());
      kafka.put(PROVIDERS + ".file.class", FileConfigProvider.class.getName());
      kafka.put(PROVIDERS + ".directory.class", DirectoryConfigProvider.class.getName());
    }
  }

  /** Whether a Kafka option's value is a secret itself rather than a reference to one. */
  static boolean isPlainSecret(String key, String value) {
    return SECRET.matcher(key).matches()
        && !NO_SECRET.matcher(key).matches()
        && !REFERENCE.matcher(value).matches();
  }

  /**
   * The keys whose values are references still, since what they refer to is not on this machine.
   */
  static List<String> references(Map<String, ?> resolved) {
    return resolved.entrySet().stream()
        .filter(entry -> REFERENCE.matcher(String.valueOf(entry.getValue())).matches())
        .map(Map.Entry::getKey)
        .sorted()
        .toList();
  }

  /** Whether a client was refused because the file of a reference cannot be read. */
  static boolean isUnreadableFile(ConfigException refusal) {
    return String.valueOf(refusal.getMessage()).startsWith("Could not read properties from file");
  }
}
