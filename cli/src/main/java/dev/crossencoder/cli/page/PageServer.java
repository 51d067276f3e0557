package dev.crossencoder.cli.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.crossencoder.cli.local.RoundTrip;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * Serves the page and ranks what it sends, on 127.0.0.1 only. Requests whose {@code Host} or {@code
 * Origin} is not this address are refused, so that no other site can use it from the user's
 * browser. Four threads answer requests.
 */
public final class PageServer implements AutoCloseable {
  /** The port, if it is free. */
  private static final int PORT = 8090;

  private static final int THREADS = 4;
  private static final int OK = 200;
  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;
  private static final int METHOD_NOT_ALLOWED = 405;
  private static final int UNSUPPORTED_MEDIA_TYPE = 415;
  private static final int UNPROCESSABLE = 422;
  private static final int FAILED = 502;
  private static final int TIMED_OUT = 504;
  private static final String JSON = "application/json";
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** Nothing from elsewhere, and no script or style within the page. */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private static final Map<String, Resource> RESOURCES =
      Map.of(
          "/", new Resource("page.html", "text/html; charset=utf-8"),
          "/page.css", new Resource("page.css", "text/css; charset=utf-8"),
          "/page.js", new Resource("page.js", "text/javascript; charset=utf-8"),
          "/examples.json", new Resource("examples.json", JSON));

  private final HttpServer server;
  private final ExecutorService threads;
  private final Function<byte[], CompletableFuture<RoundTrip>> job;
  private final Set<String> hosts;

  private record Resource(String name, String type) {
    private byte[] read() throws IOException {
      try (InputStream in = PageServer.class.getResourceAsStream(name)) {
        if (in == null) {
          throw new IllegalStateException("Cannot find resource " + name);
        }
        return in.readAllBytes();
      }
    }
  }

  private PageServer(HttpServer server, Function<byte[], CompletableFuture<RoundTrip>> job) {
    this.server = server;
    this.job = job;
    int port = server.getAddress().getPort();
    this.hosts = Set.of("127.0.0.1:" + port, "localhost:" + port);
    AtomicInteger number = new AtomicInteger();
    this.threads =
        Executors.newFixedThreadPool(
            THREADS,
            task -> {
              Thread thread = new Thread(task, "page-server-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Starts a server on port 8090, or on a free port if that is taken.
   *
   * @param job sends the value of a record through Kafka and a job that ranks {@code /documents} by
   *     {@code /query}
   */
  public static PageServer start(Function<byte[], CompletableFuture<RoundTrip>> job)
      throws IOException {
    PageServer page = new PageServer(bind(), job);
    page.server.setExecutor(page.threads);
    page.server.createContext("/", page::handle);
    page.server.start();
    return page;
  }

  private static HttpServer bind() throws IOException {
    InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    try {
      return HttpServer.create(new InetSocketAddress(loopback, PORT), 0);
    } catch (BindException e) {
      return HttpServer.create(new InetSocketAddress(loopback, 0), 0);
    }
  }

  /** Returns the address to open in a browser. */
  public URI address() {
    return URI.create("http://127.0.0.1:%d/".formatted(server.getAddress().getPort()));
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      try {
        answer(exchange);
      } catch (RefusedRequestException e) {
        respond(exchange, e.status(), JSON, error(e.getMessage()));
      }
    }
  }

  private void answer(HttpExchange exchange) throws IOException, RefusedRequestException {
    checkOrigin(exchange.getRequestHeaders());
    String path = exchange.getRequestURI().getPath();
    if (path.equals("/rank")) {
      requireMethod(exchange, "POST");
      respond(exchange, OK, JSON, rank(exchange));
      return;
    }
    Resource resource = RESOURCES.get(path);
    if (resource == null) {
      throw new RefusedRequestException(NOT_FOUND, "There is no such page. Open " + address());
    }
    requireMethod(exchange, "GET");
    respond(exchange, OK, resource.type(), resource.read());
  }

  private void checkOrigin(Headers headers) throws RefusedRequestException {
    String host = headers.getFirst("Host");
    String origin = headers.getFirst("Origin");
    boolean own =
        host != null && hosts.contains(host) && (origin == null || origin.equals("http://" + host));
    if (!own) {
      throw new RefusedRequestException(
          FORBIDDEN, "This page answers only to its own address. Open " + address());
    }
  }

  private static void requireMethod(HttpExchange exchange, String method)
      throws RefusedRequestException {
    if (!exchange.getRequestMethod().equals(method)) {
      exchange.getResponseHeaders().set("Allow", method);
      throw new RefusedRequestException(METHOD_NOT_ALLOWED, "Use %s here.".formatted(method));
    }
  }

  private byte[] rank(HttpExchange exchange) throws IOException, RefusedRequestException {
    String type = exchange.getRequestHeaders().getFirst("Content-Type");
    if (type == null || !type.split(";", 2)[0].strip().equals(JSON)) {
      throw new RefusedRequestException(
          UNSUPPORTED_MEDIA_TYPE, "Send JSON with the content type " + JSON + ".");
    }
    // One byte more than is allowed tells that there is too much.
    byte[] body = exchange.getRequestBody().readNBytes(RankRequest.MAX_BYTES + 1);
    // A browser that is still sending when the connection closes does not read the answer.
    exchange.getRequestBody().transferTo(OutputStream.nullOutputStream());
    RankRequest request = RankRequest.parse(body);
    RoundTrip trip = roundTrip(request);
    if (trip.isDeadLetter()) {
      throw new RefusedRequestException(
          UNPROCESSABLE, "The record became a dead letter: " + trip.deadLetterReason());
    }
    JsonNode result = MAPPER.readTree(trip.value()).path("cross_encoder");
    ObjectNode answer = MAPPER.createObjectNode();
    answer.set("result", result);
    answer
        .putObject("millis")
        .put("send", trip.sendMillis())
        .put("job", trip.jobMillis())
        .put("read", trip.readMillis());
    answer.put("record", new String(trip.value(), StandardCharsets.UTF_8));
    return MAPPER.writeValueAsBytes(answer);
  }

  private RoundTrip roundTrip(RankRequest request) throws RefusedRequestException {
    try {
      return job.apply(request.toRecord()).get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TimeoutException) {
        throw new RefusedRequestException(
            TIMED_OUT,
            "The job has not answered in time. Look at the job in Flink's web UI, or send fewer documents.");
      }
      throw new RefusedRequestException(
          FAILED, "The record did not come back: " + e.getCause().getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RefusedRequestException(FAILED, "The demo has ended.");
    }
  }

  private static byte[] error(String message) throws IOException {
    return MAPPER.writeValueAsBytes(MAPPER.createObjectNode().put("error", message));
  }

  private static void respond(HttpExchange exchange, int status, String type, byte[] body)
      throws IOException {
    Headers headers = exchange.getResponseHeaders();
    headers.set("Content-Type", type);
    headers.set("Content-Security-Policy", POLICY);
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Referrer-Policy", "no-referrer");
    headers.set("Cache-Control", "no-store");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  /** Stops at once; answers in progress are lost. */
  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
