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
 * Keeps secrets out of arguments and messages, and lets them stay out of the job graph: values are
 * references that Kafka's own config providers resolve inside each client, {@code ${env:NAME}},
 * {@code ${file:/path/file.properties:key}} or {@code ${directory:/path:file}}.
 */
@Internal
public final class KafkaSecrets {
  /** What stands in a message for the value of a client's option. */
  public static final String HIDDEN = "(not shown)";

  private static final String PROVIDERS = "config.providers";
  private static final String OWN_PROVIDERS = "env,file,directory";
  private static final String JAAS = "sasl.jaas.config";
  private static final Pattern SECRET =
      Pattern.compile(
          "(?i).*(password|passphrase|secret|jaas\\.config|keystore\\.key|credential|token|user\\.info|api\\.?key).*");

  /** Names such as {@code sasl.oauthbearer.token.endpoint.url} say where, not what. */
  private static final Pattern NO_SECRET = Pattern.compile(".*\\.(location|url|client\\.id)");

  /** An address with a user and a password in it. */
  private static final Pattern URL_WITH_PASSWORD =
      Pattern.compile("(?s).*://[^/@\\s]*:(?!//)[^/\\s]*@.*");

  private static final Pattern REFERENCES = Pattern.compile("(?:\\$\\{[^:}]+:[^}]*\\})+");

  private static final Pattern ANY_REFERENCE = Pattern.compile("(?s).*\\$\\{[^:}]+:[^}]*\\}.*");

  /** Kafka's words for protocols and mechanisms; nothing else of an option is ever repeated. */
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

  /** Makes the three kinds of references known to the clients, unless the user chose providers. */
  static void addConfigProviders(Map<String, String> kafka) {
    if (!kafka.containsKey(PROVIDERS)) {
      kafka.put(PROVIDERS, OWN_PROVIDERS);
      kafka.put(PROVIDERS + ".env.class", EnvVarConfigProvider.class.getName());
      kafka.put(PROVIDERS + ".file.class", FileConfigProvider.class.getName());
      kafka.put(PROVIDERS + ".directory.class", DirectoryConfigProvider.class.getName());
    }
  }

  /** The names that may stand at the beginning of a reference, given the client's options. */
  static Set<String> providers(Map<String, String> kafka) {
    return Arrays.stream(kafka.getOrDefault(PROVIDERS, OWN_PROVIDERS).split(",", -1))
        .map(String::strip)
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * Whether a Kafka option's value is a secret, or has one in it, rather than a reference.
   *
   * @param providers the names that make a reference one; what begins otherwise is plain text
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

  /** Whether a text is one reference or several, and nothing else. */
  private static boolean isReference(String value, Set<String> providers) {
    return REFERENCES.matcher(value).matches()
        && Stream.of(value.substring(2).split("\\}\\$\\{", -1))
            .allMatch(part -> providers.contains(part.substring(0, part.indexOf(':'))));
  }

  /**
   * The value of a client's option as a message may have it: one of Kafka's own words, or {@link
   * #HIDDEN}. A value can be a secret under any key, as the line may be quoted badly.
   */
  public static String shown(String value) {
    return WORDS.contains(value) ? value : HIDDEN;
  }

  /**
   * The keys whose values are references still, since what they refer to is not on this machine.
   */
  public static List<String> references(Map<String, ?> resolved) {
    return resolved.entrySet().stream()
        .filter(entry -> ANY_REFERENCE.matcher(String.valueOf(entry.getValue())).matches())
        .map(Map.Entry::getKey)
        .sorted()
        .toList();
  }

  /** Whether a client was refused because the file of a reference cannot be read. */
  static boolean isUnreadableFile(ConfigException refusal) {
    return String.valueOf(refusal.getMessage()).startsWith("Could not read properties from file");
  }
}
