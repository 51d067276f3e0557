package dev.crossencoder.model.hub;

import dev.crossencoder.model.hub.HubException.Kind;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts failed attempts and waits between them, with exponential backoff and jitter, or for as
 * long as the hub's {@code Retry-After} header says, at most 30 s. Owned by one thread.
 */
final class Retries {
  private static final Logger LOG = LoggerFactory.getLogger(Retries.class);

  /** The largest number of consecutive retries; the Python client's is the same. */
  static final int MAX_RETRIES = 5;

  /** The largest number of consecutive retries without a connection, so that users wait less. */
  static final int MAX_CONNECTION_RETRIES = 3;

  private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
  private static final Duration MAX_WAIT = Duration.ofSeconds(8);
  static final Duration MAX_REQUESTED_WAIT = Duration.ofSeconds(30);

  private final String what;
  private final HubSettings settings;
  private final Waiter waiter;
  private final DoubleSupplier random;
  private int failures;

  /**
   * @param what the attempted action, for messages, such as {@code read config.json of owner/name}
   * @param random gives numbers from 0 to 1 for the jitter
   */
  Retries(String what, HubSettings settings, Waiter waiter, DoubleSupplier random) {
    this.what = what;
    this.settings = settings;
    this.waiter = waiter;
    this.random = random;
  }

  /** Runs an attempt until it succeeds, or throws when retries are exhausted. */
  <T> T call(Attempt<T> attempt) throws IOException {
    while (true) {
      try {
        return attempt.run();
      } catch (IOException e) {
        await(e);
      }
    }
  }

  /** Resets the number of failures after progress. */
  void progress() {
    failures = 0;
  }

  /**
   * Waits before the next attempt.
   *
   * @throws IOException {@code failure} itself if a retry cannot help, or a {@link HubException} if
   *     retries are exhausted
   */
  void await(IOException failure) throws IOException {
    if (failure instanceof HubException
        || (failure instanceof InterruptedIOException
            && !(failure instanceof SocketTimeoutException))) {
      throw failure;
    }
    failures++;
    if (failures > limit(failure)) {
      throw new HubException(
          Kind.UNREACHABLE,
          "Cannot %s: %s. Check the network, HTTPS_PROXY and HF_ENDPOINT (%s), or try again later; a checkpoint or bundle folder needs no network."
              .formatted(what, reason(failure), settings.endpoint()),
          failure);
    }
    Duration wait = wait(failure);
    LOG.warn(
        "Cannot {}: {}. Trying again in {} ms ({} of {}).",
        what,
        reason(failure),
        wait.toMillis(),
        failures,
        limit(failure));
    try {
      waiter.sleep(wait);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted =
          new InterruptedIOException("interrupted while waiting to %s".formatted(what));
      interrupted.initCause(e);
      throw interrupted;
    }
  }

  private static int limit(IOException failure) {
    if (isDistrusted(failure)) {
      return 0;
    }
    boolean unconnected =
        failure instanceof UnknownHostException
            || failure instanceof ConnectException
            || failure instanceof NoRouteToHostException;
    return unconnected ? MAX_CONNECTION_RETRIES : MAX_RETRIES;
  }

  private static boolean isDistrusted(Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof CertificateException) {
        return true;
      }
    }
    return false;
  }

  private String reason(IOException failure) {
    String message = settings.redact(String.valueOf(failure.getMessage()));
    if (failure instanceof TransientFailure) {
      return message;
    }
    if (failure instanceof SocketTimeoutException) {
      return message.toLowerCase(Locale.ROOT).startsWith("connect")
          ? "no connection within %d s".formatted(settings.connectTimeout().toSeconds())
          : "no data for %d s".formatted(settings.stallTimeout().toSeconds());
    }
    if (failure instanceof UnknownHostException) {
      return "there is no address for the host " + message;
    }
    if (isDistrusted(failure)) {
      return "its certificate is not trusted (%s); javax.net.ssl.trustStore names the certificates that are"
          .formatted(message);
    }
    return "the connection broke (%s: %s)".formatted(failure.getClass().getSimpleName(), message);
  }

  private Duration wait(IOException failure) {
    if (failure instanceof TransientFailure answer) {
      Optional<Duration> requested = answer.retryAfter().flatMap(this::parse);
      if (requested.isPresent()) {
        return requested.get().compareTo(MAX_REQUESTED_WAIT) > 0
            ? MAX_REQUESTED_WAIT
            : requested.get();
      }
    }
    long doubled = FIRST_WAIT.toMillis() << Math.min(failures - 1, 10);
    long longest = Math.min(doubled, MAX_WAIT.toMillis());
    // The jitter spreads the retries of tasks that failed at the same time.
    return Duration.ofMillis((long) (longest * (0.5 + 0.5 * random.getAsDouble())));
  }

  /** Parses a number of seconds or a date; empty if it is neither, or not in the future. */
  private Optional<Duration> parse(String retryAfter) {
    if (retryAfter.matches("[0-9]{1,9}")) {
      return Optional.of(Duration.ofSeconds(Long.parseLong(retryAfter))).filter(this::isAhead);
    }
    if (retryAfter.matches("[0-9]{10,}")) {
      return Optional.of(MAX_REQUESTED_WAIT);
    }
    try {
      Instant then =
          Instant.from(
              DateTimeFormatter.RFC_1123_DATE_TIME.withLocale(Locale.ROOT).parse(retryAfter));
      return Optional.of(Duration.between(waiter.now(), then)).filter(this::isAhead);
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private boolean isAhead(Duration wait) {
    return !wait.isNegative() && !wait.isZero();
  }

  @FunctionalInterface
  interface Attempt<T> {
    T run() throws IOException;
  }
}
