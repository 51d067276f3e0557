package dev.crossencoder.model.hub;

import dev.crossencoder.model.hub.HubException.Kind;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends requests and follows redirects. All methods block. Thread-safe.
 *
 * <p>This class follows redirects itself, because both HTTP clients of the JDK send the token to
 * any redirect target. It uses {@link HttpURLConnection} and not {@code java.net.http} for two
 * reasons: the read timeout of {@code java.net.http} covers headers only, and its threads would
 * keep the class loader of a Flink job alive. An interrupt cannot end a read of {@link
 * HttpURLConnection}; it takes effect after the read, at the latest after the stall timeout.
 */
final class HubHttp {
  static final String LINKED_ETAG = "X-Linked-Etag";

  private static final Logger LOG = LoggerFactory.getLogger(HubHttp.class);
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
  private static final int MAX_REDIRECTS = 10;

  private final HubSettings settings;
  private final String userAgent;

  HubHttp(HubSettings settings) {
    this.settings = settings;
    String version = HubHttp.class.getPackage().getImplementationVersion();
    this.userAgent =
        "flink-cross-encoder/%s; java/%s"
            .formatted(
                version == null ? "development" : version, System.getProperty("java.version"));
  }

  /** Sends GET. */
  HubResponse read(URI uri) throws IOException {
    return follow("GET", uri, Map.of());
  }

  /** Sends GET. The response has the status 304 and no body if the content still has this ETag. */
  HubResponse readUnless(URI uri, String etag) throws IOException {
    return follow("GET", uri, Map.of("If-None-Match", etag));
  }

  /** Sends GET for the content from an offset on. */
  HubResponse read(URI uri, long firstByte) throws IOException {
    return follow(
        "GET", uri, firstByte > 0 ? Map.of("Range", "bytes=" + firstByte + "-") : Map.of());
  }

  /**
   * Sends HEAD. If the endpoint's response describes the file, a redirect to another host is not
   * followed: URLs of a CDN are often signed for GET only.
   */
  HubResponse head(URI uri) throws IOException {
    return follow("HEAD", uri, Map.of());
  }

  private HubResponse follow(String method, URI first, Map<String, String> headers)
      throws IOException {
    List<HttpURLConnection> earlier = new ArrayList<>();
    URI uri = first;
    // After a redirect through another host the token is not sent any more, not even to the
    // endpoint.
    boolean trusted = isEndpoint(uri);
    while (true) {
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedIOException("interrupted while reading from the hub");
      }
      HttpURLConnection connection = open(method, uri, trusted, headers);
      HubResponse response = HubResponse.of(settings, uri, trusted, connection, earlier);
      if (!REDIRECTS.contains(response.status())) {
        return response;
      }
      URI target;
      try {
        target = target(uri, response.header("Location"));
      } finally {
        connection.disconnect();
      }
      boolean stays = isEndpoint(target);
      if (method.equals("HEAD") && !stays && response.header(LINKED_ETAG).isPresent()) {
        return response;
      }
      earlier.add(connection);
      if (earlier.size() > MAX_REDIRECTS) {
        throw new HubException(
            Kind.UNEXPECTED_ANSWER,
            "Cannot read %s, it was redirected more than %d times, last to %s."
                .formatted(shown(first), MAX_REDIRECTS, settings.redact(shown(target))));
      }
      LOG.debug("{} redirects to {}", host(uri), host(target));
      trusted &= stays;
      uri = target;
    }
  }

  private HttpURLConnection open(
      String method, URI uri, boolean trusted, Map<String, String> headers) throws IOException {
    URL url = uri.toURL();
    Optional<Proxy> proxy = settings.proxies().select(uri);
    HttpURLConnection connection =
        (HttpURLConnection)
            (proxy.isPresent() ? url.openConnection(proxy.get()) : url.openConnection());
    connection.setRequestMethod(method);
    connection.setInstanceFollowRedirects(false);
    connection.setUseCaches(false);
    connection.setConnectTimeout(Math.toIntExact(settings.connectTimeout().toMillis()));
    connection.setReadTimeout(Math.toIntExact(settings.stallTimeout().toMillis()));
    connection.setRequestProperty("User-Agent", userAgent);
    connection.setRequestProperty("Accept", "*/*");
    // A download cannot be resumed inside a compressed response.
    connection.setRequestProperty("Accept-Encoding", "identity");
    // There are few requests with long bodies. Without keep-alive no stale connection is reused.
    connection.setRequestProperty("Connection", "close");
    headers.forEach(connection::setRequestProperty);
    if (trusted && settings.token().isPresent()) {
      connection.setRequestProperty("Authorization", "Bearer " + settings.token().get().value());
    }
    return connection;
  }

  private URI target(URI from, Optional<String> location) throws HubException {
    URI target;
    try {
      target = from.resolve(new URI(encodeUnsafe(location.orElse("").strip())));
    } catch (URISyntaxException | IllegalArgumentException e) {
      throw redirect(from, "a malformed address");
    }
    if (location.isEmpty() || location.get().isBlank()) {
      throw redirect(from, "no address");
    }
    String scheme = String.valueOf(target.getScheme()).toLowerCase(Locale.ROOT);
    if (!Set.of("http", "https").contains(scheme)
        || target.getHost() == null
        || target.getRawUserInfo() != null) {
      throw redirect(from, "an address that is not plain http or https");
    }
    if (scheme.equals("http") && from.getScheme().equalsIgnoreCase("https")) {
      throw redirect(from, "%s, which is not encrypted".formatted(host(target)));
    }
    return target;
  }

  /** Percent-encodes characters that some servers put into URLs unencoded. */
  private static String encodeUnsafe(String location) {
    StringBuilder encoded = new StringBuilder();
    for (int i = 0; i < location.length(); i++) {
      char c = location.charAt(i);
      if (c <= ' ' || c >= 127 || "\"<>\\^`{|}".indexOf(c) >= 0) {
        // Java decodes headers as Latin-1, so each character is one byte.
        encoded.append("%%%02X".formatted(c & 0xFF));
      } else {
        encoded.append(c);
      }
    }
    return encoded.toString();
  }

  private HubException redirect(URI from, String where) {
    return new HubException(
        Kind.UNEXPECTED_ANSWER,
        "Cannot read %s, it was redirected to %s.".formatted(settings.redact(shown(from)), where));
  }

  /** Whether a URL has scheme, host and port of the endpoint, to which alone the token is sent. */
  private boolean isEndpoint(URI uri) {
    URI endpoint = settings.endpoint();
    return endpoint.getScheme().equalsIgnoreCase(uri.getScheme())
        && endpoint.getHost().equalsIgnoreCase(uri.getHost())
        && port(endpoint) == port(uri);
  }

  private static int port(URI uri) {
    if (uri.getPort() >= 0) {
      return uri.getPort();
    }
    return "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
  }

  private static String host(URI uri) {
    return uri.getScheme() + "://" + uri.getRawAuthority();
  }

  /** A URL for messages, without its query, which can contain the signature of a CDN. */
  static String shown(URI uri) {
    String path = uri.getRawPath() == null ? "" : uri.getRawPath();
    return host(uri) + path;
  }
}
