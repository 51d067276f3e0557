package dev.crossencoder.model.hub;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The proxies for requests, from the environment variables {@code HTTPS_PROXY}, {@code HTTP_PROXY},
 * {@code ALL_PROXY} and {@code NO_PROXY}, in upper or lower case. If none of them is set, Java's
 * system properties such as {@code https.proxyHost} apply.
 *
 * @param https the proxy for https URLs
 * @param http the proxy for http URLs
 * @param exceptions hosts and domains without a proxy; {@code *} for all
 */
public record HubProxies(Optional<URI> https, Optional<URI> http, List<String> exceptions) {
  /** Java's system properties decide. */
  public static final HubProxies NONE =
      new HubProxies(Optional.empty(), Optional.empty(), List.of());

  private static final Logger LOG = LoggerFactory.getLogger(HubProxies.class);
  private static final int DEFAULT_PORT = 80;

  public HubProxies {
    exceptions = List.copyOf(exceptions);
  }

  static HubProxies fromEnvironment(Map<String, String> environment) {
    List<String> exceptions = new ArrayList<>();
    for (String entry : value(environment, "NO_PROXY").orElse("").split("[,\\s]+", -1)) {
      if (!entry.isBlank()) {
        exceptions.add(entry.toLowerCase(Locale.ROOT));
      }
    }
    return new HubProxies(
        proxy(environment, "HTTPS_PROXY"), proxy(environment, "HTTP_PROXY"), exceptions);
  }

  private static Optional<URI> proxy(Map<String, String> environment, String name) {
    Optional<URI> own = value(environment, name).map(value -> proxy(name, value));
    return own.isPresent() ? own : value(environment, "ALL_PROXY").flatMap(HubProxies::proxyForAll);
  }

  /**
   * Parses {@code ALL_PROXY}. A proxy of an unsupported type is ignored, because the variable may
   * be meant for other programs.
   */
  private static Optional<URI> proxyForAll(String value) {
    try {
      return Optional.of(proxy("ALL_PROXY", value));
    } catch (IllegalArgumentException e) {
      LOG.warn("Not used: {}", e.getMessage());
      return Optional.empty();
    }
  }

  private static URI proxy(String name, String value) {
    String text = value.contains("://") ? value : "http://" + value;
    URI proxy = null;
    if (text.matches("[A-Za-z0-9+.-]+://[A-Za-z0-9.:\\[\\]_-]+/?")) {
      proxy = URI.create(text);
    }
    if (proxy == null || proxy.getHost() == null || !"http".equalsIgnoreCase(proxy.getScheme())) {
      // The value must not be shown: it can contain a password.
      throw new IllegalArgumentException(
          "Invalid %s. It must have the form http://host:port; a user or password and other kinds of proxies are not supported."
              .formatted(name));
    }
    return proxy;
  }

  private static Optional<String> value(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name.toLowerCase(Locale.ROOT)))
        .or(() -> Optional.ofNullable(environment.get(name)))
        .map(String::strip)
        .filter(value -> !value.isEmpty());
  }

  /** Returns the proxy for a URL; empty if Java's system properties decide. */
  Optional<Proxy> select(URI address) {
    Optional<URI> proxy = "https".equalsIgnoreCase(address.getScheme()) ? https : http;
    if (proxy.isEmpty()) {
      return Optional.empty();
    }
    String host = address.getHost().toLowerCase(Locale.ROOT);
    if (isLoopback(host) || exceptions.stream().anyMatch(entry -> matches(entry, address, host))) {
      return Optional.of(Proxy.NO_PROXY);
    }
    URI uri = proxy.get();
    int port = uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort();
    // An unresolved address is resolved for each connection, so a new IP address is noticed.
    return Optional.of(
        new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(uri.getHost(), port)));
  }

  private static boolean isLoopback(String host) {
    return host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]");
  }

  private static boolean matches(String exception, URI address, String host) {
    if (exception.equals("*")) {
      return true;
    }
    String name = exception;
    int colon = exception.lastIndexOf(':');
    if (colon > 0 && exception.substring(colon + 1).matches("[0-9]+") && !host.startsWith("[")) {
      if (!exception.substring(colon + 1).equals(String.valueOf(address.getPort()))) {
        return false;
      }
      name = exception.substring(0, colon);
    }
    name = name.startsWith("*.") ? name.substring(2) : name;
    name = name.startsWith(".") ? name.substring(1) : name;
    return host.equals(name) || host.endsWith("." + name);
  }
}
