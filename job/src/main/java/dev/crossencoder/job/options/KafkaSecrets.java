package dev.crossencoder.job.options;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.annotation.Internal;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.provider.DirectoryConfigProvider;
import org.apache.kafka.common.config.provider.EnvVarConfigProvider;
import org.apache.kafka.common.config.provider.FileConfigProvider;

/**
 * Keeps secrets out of arguments, messages and the job graph. Values are references that Kafka's
 * config providers resolve inside each client: {@code ${env:NAME}}, {@code
 * ${file:/path/file.properties:key}} or {@code ${directory:/path:file}}.
 */
@Internal
public final class KafkaSecrets {
  /** The text that replaces the value of a client option in messages. */
  public static final String HIDDEN = "(not shown)";

  private static final String PROVIDERS = "config.providers";
  private static final String OWN_PROVIDERS = "env,file,directory";
  private static final String JAAS = "sasl.jaas.config";
  private static final Pattern SECRET =
      Pattern.compile(
          "(?i).*(password|passphrase|secret|jaas\\.config|keystore\\.key|credential|token|user\\.info|api\\.?key).*");

  /** Names such as {@code sasl.oauthbearer.token.endpoint.url}, whose values are not secret. */
  private static final Pattern NO_SECRET = Pattern.compile(".*\\.(location|url|client\\.id)");

  /** A URL with a user and a password. */
  private static final Pattern URL_WITH_PASSWORD =
      Pattern.compile("(?s).*://[^/@\\s]*:(?!//)[^/\\s]*@.*");

  private static final Pattern REFERENCES = Pattern.compile("(?:\\$\\{[^:}]+:[^}]*\\})+");

  private static final Pattern ANY_REFERENCE = Pattern.compile("(?s).*\\$\\{[^:}]+:[^}]*\\}.*");

  /**
   * Kafka's constants for protocols and mechanisms. No other value of an option is ever repeated.
   */
  private static final Set<String> WORDS =
      Set.of(
          "PLAINTEXT",
          "SSL",
          "SASL_PLAINTEXT",
          "SASL_SSL",
          "GSSAPI",
          "PLAIN",
          "SCRAM-SHA-256",
          "SCRAM-SHA-512",
          "OAUTHBEARER");

  private KafkaSecrets() {}

  /**
   * Configures the providers of the three kinds of references in the clients, unless the user has
   * configured providers.
   */
  static void addConfigProviders(Map<String, String> kafka) {
    if (!kafka.containsKey(PROVIDERS)) {
      kafka.put(PROVIDERS, OWN_PROVIDERS);
      kafka.put(PROVIDERS + ".env.class", EnvVarConfigProvider.class.getName());
      kafka.put(PROVIDERS + ".file.class", FileConfigProvider.class.getName());
      kafka.put(PROVIDERS + ".directory.class", DirectoryConfigProvider.class.getName());
    }
  }

  /**
   * Returns the names of providers that a reference may begin with, according to the client's
   * options.
   */
  static Set<String> providers(Map<String, String> kafka) {
    return Arrays.stream(kafka.getOrDefault(PROVIDERS, OWN_PROVIDERS).split(",", -1))
        .map(String::strip)
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * Returns whether the value of a Kafka option is a secret or contains one, instead of a
   * reference.
   *
   * @param providers the names with which a reference may begin; a value with another beginning is
   *     plain text
   */
  static boolean isPlainSecret(String key, String value, Set<String> providers) {
    if (URL_WITH_PASSWORD.matcher(value).matches() && !isReference(value, providers)) {
      return true;
    }
    if (!SECRET.matcher(key).matches() || NO_SECRET.matcher(key).matches()) {
      return false;
    }
    if (isReference(value, providers)) {
      return false;
    }
    return !key.endsWith(JAAS)
        || !LoginLine.hasOnlyReferences(value, part -> isReference(part, providers));
  }

  /** Returns whether a text consists of one or more references only. */
  private static boolean isReference(String value, Set<String> providers) {
    return REFERENCES.matcher(value).matches()
        && Stream.of(value.substring(2).split("\\}\\$\\{", -1))
            .allMatch(part -> providers.contains(part.substring(0, part.indexOf(':'))));
  }

  /**
   * Returns the value of a client option for a message: the value itself if it is a constant that
   * Kafka defines, otherwise {@link #HIDDEN}. A value under any key can be a secret, because the
   * command line may be quoted incorrectly.
   */
  public static String shown(String value) {
    return WORDS.contains(value) ? value : HIDDEN;
  }

  /**
   * Returns the keys whose values are still references, because their targets are not on this
   * machine.
   */
  public static List<String> references(Map<String, ?> resolved) {
    return resolved.entrySet().stream()
        .filter(entry -> ANY_REFERENCE.matcher(String.valueOf(entry.getValue())).matches())
        .map(Map.Entry::getKey)
        .sorted()
        .toList();
  }

  /**
   * Returns whether a client could not be created because the file of a reference cannot be read.
   */
  static boolean isUnreadableFile(ConfigException refusal) {
    return String.valueOf(refusal.getMessage()).startsWith("Could not read properties from file");
  }
}
