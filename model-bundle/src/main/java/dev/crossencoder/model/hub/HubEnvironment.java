package dev.crossencoder.model.hub;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads environment variables in the same way as the hub's Python client, so that both use the same
 * cache.
 */
final class HubEnvironment {
  private static final Logger LOG = LoggerFactory.getLogger(HubEnvironment.class);

  private static final Set<String> TRUE = Set.of("1", "ON", "YES", "TRUE");
  private static final Pattern VARIABLE =
      Pattern.compile("\\$(?:\\{([A-Za-z0-9_]+)}|([A-Za-z0-9_]+))");
  private static final long MAX_TOKEN_BYTES = 1 << 16;

  private final Map<String, String> environment;
  private final Path userHome;

  HubEnvironment(Map<String, String> environment, Path userHome) {
    this.environment = Map.copyOf(environment);
    this.userHome = userHome;
  }

  HubSettings settings() {
    return new HubSettings(
        endpoint(),
        token(),
        cache(),
        isTrue("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"),
        HubProxies.fromEnvironment(environment),
        HubSettings.CONNECT_TIMEOUT,
        stallTimeout());
  }

  private URI endpoint() {
    Optional<String> endpoint = value("HF_ENDPOINT");
    if (endpoint.isEmpty()) {
      return HubSettings.PUBLIC_HUB;
    }
    try {
      return new URI(endpoint.get());
    } catch (URISyntaxException e) {
      // Neither the value nor the cause, which quotes it, may be shown: it can contain a password.
      throw new IllegalArgumentException(
          "Invalid HF_ENDPOINT: %s. It must be the http or https address of a hub, such as %s."
              .formatted(e.getReason(), HubSettings.PUBLIC_HUB));
    }
  }

  private Path home() {
    return value("HF_HOME")
        .map(this::path)
        .orElseGet(
            () ->
                value("XDG_CACHE_HOME")
                    .map(this::path)
                    .orElseGet(() -> userHome().resolve(".cache"))
                    .resolve("huggingface"));
  }

  private Path cache() {
    return value("HF_HUB_CACHE")
        .or(() -> value("HUGGINGFACE_HUB_CACHE"))
        .map(this::path)
        .orElseGet(() -> home().resolve("hub"))
        .toAbsolutePath()
        .normalize();
  }

  private Optional<HubToken> token() {
    if (isTrue("HF_HUB_DISABLE_IMPLICIT_TOKEN")) {
      return Optional.empty();
    }
    for (String variable : new String[] {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"}) {
      Optional<String> token = value(variable);
      if (token.isPresent()) {
        return Optional.of(new HubToken(token.get(), variable));
      }
    }
    Path file = value("HF_TOKEN_PATH").map(this::path).orElseGet(() -> home().resolve("token"));
    return readToken(file);
  }

  /** Reads a token file. If that fails, requests have no token; most models need none. */
  private static Optional<HubToken> readToken(Path file) {
    try {
      if (!Files.isRegularFile(file) || Files.size(file) > MAX_TOKEN_BYTES) {
        return Optional.empty();
      }
      String token = Files.readString(file).strip();
      return token.isEmpty() ? Optional.empty() : Optional.of(new HubToken(token, file.toString()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | SecurityException e) {
      LOG.warn("Cannot read the hub's token in {}: {}", file, e.toString());
      return Optional.empty();
    }
  }

  private Duration stallTimeout() {
    Optional<String> seconds = value("HF_HUB_DOWNLOAD_TIMEOUT");
    if (seconds.isEmpty()) {
      return HubSettings.STALL_TIMEOUT;
    }
    if (!seconds.get().matches("[1-9][0-9]{0,5}")) {
      throw new IllegalArgumentException(
          "Invalid HF_HUB_DOWNLOAD_TIMEOUT: %s. It must be a whole number of seconds from 1."
              .formatted(seconds.get()));
    }
    return Duration.ofSeconds(Long.parseLong(seconds.get()));
  }

  private Path userHome() {
    return value("HOME").map(Path::of).orElse(userHome);
  }

  /**
   * Expands {@code ~} and variables in a path. A shell may not have done that, for example if a
   * container's configuration sets the variable.
   */
  private Path path(String value) {
    String expanded = value;
    if (value.equals("~") || value.startsWith("~/")) {
      expanded = userHome() + value.substring(1);
    }
    return Path.of(
        VARIABLE
            .matcher(expanded)
            .replaceAll(
                match -> {
                  String name = match.group(1) == null ? match.group(2) : match.group(1);
                  return Matcher.quoteReplacement(environment.getOrDefault(name, match.group()));
                }));
  }

  private boolean isTrue(String... names) {
    for (String name : names) {
      Optional<String> value = value(name);
      if (value.isPresent()) {
        return TRUE.contains(value.get().toUpperCase(Locale.ROOT));
      }
    }
    return false;
  }

  private Optional<String> value(String name) {
    return Optional.ofNullable(environment.get(name)).map(String::strip).filter(v -> !v.isEmpty());
  }
}
