package dev.crossencoder.model.hub;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.crossencoder.model.hub.HubException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.ProtocolException;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.zip.GZIPInputStream;

/** The response to a request, after all redirects. Owned by one thread. */
final class HubResponse implements AutoCloseable {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int MAX_ERROR_BYTES = 1 << 16;
  private static final int MAX_ERROR_LENGTH = 300;

  private final HubSettings settings;
  private final URI uri;
  private final boolean trusted;
  private final HttpURLConnection connection;
  private final List<HttpURLConnection> earlier;
  private final int status;

  private HubResponse(
      HubSettings settings,
      URI uri,
      boolean trusted,
      HttpURLConnection connection,
      List<HttpURLConnection> earlier,
      int status) {
    this.settings = settings;
    this.uri = uri;
    this.trusted = trusted;
    this.connection = connection;
    this.earlier = earlier;
    this.status = status;
  }

  /** Sends the request and waits for the response's headers. */
  static HubResponse of(
      HubSettings settings,
      URI uri,
      boolean trusted,
      HttpURLConnection connection,
      List<HttpURLConnection> earlier)
      throws IOException {
    try {
      int status = connection.getResponseCode();
      if (status < 100) {
        throw new ProtocolException("the answer is not HTTP");
      }
      return new HubResponse(settings, uri, trusted, connection, earlier, status);
    } catch (IOException e) {
      connection.disconnect();
      throw e;
    } catch (RuntimeException e) {
      connection.disconnect();
      throw new ProtocolException("the request failed: " + e.getClass().getSimpleName());
    }
  }

  int status() {
    return status;
  }

  /** The URL of the response, after redirects. */
  URI uri() {
    return uri;
  }

  /** Whether the endpoint sent the response, and no redirect led over another host. */
  boolean isFromEndpoint() {
    return trusted;
  }

  Optional<String> header(String name) {
    return Optional.ofNullable(connection.getHeaderField(name)).map(String::strip);
  }

  /** A header of the first response that has it, redirects included. */
  Optional<String> firstHeader(String name) {
    for (HttpURLConnection redirect : earlier) {
      String value = redirect.getHeaderField(name);
      if (value != null) {
        return Optional.of(value.strip());
      }
    }
    return header(name);
  }

  /** The length of the decompressed body in bytes; empty if it is unknown. */
  OptionalLong bodyLength() {
    return isIdentity() && header("Transfer-Encoding").isEmpty()
        ? number(header("Content-Length"))
        : OptionalLong.empty();
  }

  static OptionalLong number(Optional<String> text) {
    return text.filter(digits -> digits.matches("[0-9]{1,18}"))
        .map(digits -> OptionalLong.of(Long.parseLong(digits)))
        .orElseGet(OptionalLong::empty);
  }

  boolean isIdentity() {
    return encoding().isEmpty();
  }

  private String encoding() {
    String encoding = header("Content-Encoding").orElse("").toLowerCase(Locale.ROOT);
    return encoding.equals("identity") ? "" : encoding;
  }

  boolean isHtml() {
    return header("Content-Type").orElse("").toLowerCase(Locale.ROOT).contains("html");
  }

  /**
   * The decompressed body. Reading throws an exception if the body is shorter than its header says.
   *
   * @throws HubException if the body has a content encoding that was not requested
   */
  InputStream body() throws IOException {
    OptionalLong length =
        header("Transfer-Encoding").isPresent()
            ? OptionalLong.empty()
            : number(header("Content-Length"));
    InputStream promised = new PromisedBody(connection.getInputStream(), length);
    return switch (encoding()) {
      case "" -> promised;
      case "gzip", "x-gzip" -> new GZIPInputStream(promised);
      default ->
          throw new HubException(
              Kind.UNEXPECTED_ANSWER,
              "Cannot read %s, its answer is compressed with %s, which was not requested."
                  .formatted(HubHttp.shown(uri), settings.redact(encoding())));
    };
  }

  /** The hub's error message, cut after 300 characters; empty if there is none. */
  String errorMessage() {
    String message =
        header("X-Error-Message").filter(text -> !text.isEmpty()).orElseGet(this::errorOfBody);
    String line = settings.redact(message);
    return line.length() > MAX_ERROR_LENGTH ? line.substring(0, MAX_ERROR_LENGTH) + "…" : line;
  }

  private String errorOfBody() {
    try (InputStream error = connection.getErrorStream()) {
      return error == null || !isIdentity()
          ? ""
          : MAPPER.readTree(error.readNBytes(MAX_ERROR_BYTES)).path("error").asText("");
    } catch (IOException | RuntimeException e) {
      // Without a readable message the status has to suffice.
      return "";
    }
  }

  @Override
  public void close() {
    connection.disconnect();
  }
}
