package dev.crossencoder.model.hub;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The hub's address, the user's token, the cache folder, and the options of connections.
 *
 * @param endpoint the URL of the hub, without a slash at its end
 * @param token sent to the endpoint only
 * @param cache the cache folder, {@code HF_HUB_CACHE} of the hub's Python client
 * @param offline whether requests are forbidden
 * @param proxies the proxies for requests
 * @param connectTimeout the timeout for connecting
 * @param stallTimeout the timeout for the next byte of a connection
 */
public record HubSettings(
    URI endpoint,
    Optional<HubToken> token,
    Path cache,
    boolean offline,
    HubProxies proxies,
    Duration connectTimeout,
    Duration stallTimeout) {
  /** The URL of the public hub. */
  public static final URI PUBLIC_HUB = URI.create("https://huggingface.co");

  static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  static final Duration STALL_TIMEOUT = Duration.ofSeconds(30);

  public HubSettings {
    requireNonNull(token, "token is null");
    requireNonNull(cache, "cache is null");
    requireNonNull(proxies, "proxies is null");
    endpoint = checked(endpoint);
  }

  /**
   * Reads the environment variables of the hub's Python client: {@code HF_ENDPOINT}, {@code
   * HF_TOKEN}, {@code HF_TOKEN_PATH}, {@code HF_HOME}, {@code HF_HUB_CACHE}, {@code
   * HF_HUB_OFFLINE}, {@code HF_HUB_DISABLE_IMPLICIT_TOKEN}, {@code HF_HUB_DOWNLOAD_TIMEOUT} and
   * their older names, and {@code HTTPS_PROXY}, {@code HTTP_PROXY} and {@code NO_PROXY}.
   *
   * @param userHome the home folder if {@code HOME} is not set
   * @throws IllegalArgumentException if a variable has an invalid value
   */
  public static HubSettings fromEnvironment(Map<String, String> environment, Path userHome) {
    return new HubEnvironment(environment, userHome).settings();
  }

  private static URI checked(URI endpoint) {
    String scheme = endpoint.getScheme();
    boolean http = "http".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme);
    if (endpoint.getRawUserInfo() != null) {
      throw new IllegalArgumentException(
          "Invalid HF_ENDPOINT: an address with a user or password. Leave them out, and set HF_TOKEN.");
    }
    if (http && endpoint.getHost() == null && endpoint.getRawAuthority() != null) {
      throw new IllegalArgumentException(
          "Invalid HF_ENDPOINT: %s. Its host must be a name of letters, digits, dots and hyphens: Java does not accept underscores. Use its IP address, or another name of it."
              .formatted(endpoint));
    }
    if (!http
        || endpoint.getHost() == null
        || endpoint.getRawQuery() != null
        || endpoint.getRawFragment() != null) {
      throw new IllegalArgumentException(
          "Invalid HF_ENDPOINT: %s. It must be the http or https address of a hub, such as %s."
              .formatted(endpoint, PUBLIC_HUB));
    }
    String text = endpoint.toString();
    int end = text.length();
    while (text.charAt(end - 1) == '/') {
      end--;
    }
    return URI.create(text.substring(0, end));
  }

  /** The URL of a model's page. */
  String page(HubModelId id) {
    return endpoint + "/" + id.repository();
  }

  /** Prepares a text from the hub for messages: one line, with {@code ***} instead of the token. */
  String redact(String text) {
    String line = text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    return token.map(secret -> line.replace(secret.value(), "***")).orElse(line);
  }
}
