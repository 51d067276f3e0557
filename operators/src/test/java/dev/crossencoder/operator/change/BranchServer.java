package dev.crossencoder.operator.change;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Answers as a model hub with one model, whose branch {@code main} leads to one of the embedded
 * checkpoints.
 */
final class BranchServer implements AutoCloseable {
  static final String MODEL = "cross-encoder/tested";

  private static final Map<String, String> COMMITS =
      Map.of("demo-qa", "a".repeat(40), "demo-rank", "b".repeat(40));
  private static final List<String> FILES =
      List.of("config.json", "model.safetensors", "tokenizer_config.json", "vocab.txt");
  private static final String API = "/api/models/" + MODEL + "/revision/main";

  private final HttpServer server;
  private final List<Integer> listings = Collections.synchronizedList(new ArrayList<>());
  private volatile String main = "demo-rank";

  BranchServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  URI address() {
    return URI.create("http://localhost:" + server.getAddress().getPort());
  }

  /** Lets the branch lead to another commit. */
  void moveTo(String checkpoint) {
    main = checkpoint;
  }

  /** The status of each answer that says where the branch leads. */
  List<Integer> listings() {
    return List.copyOf(listings);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      if (path.equals(API)) {
        listing(exchange);
        return;
      }
      for (Map.Entry<String, String> commit : COMMITS.entrySet()) {
        String folder = "/%s/resolve/%s/".formatted(MODEL, commit.getValue());
        if (path.startsWith(folder)) {
          exchange.getResponseHeaders().set("X-Repo-Commit", commit.getValue());
          send(exchange, 200, read(commit.getKey(), path.substring(folder.length())));
          return;
        }
      }
      send(exchange, 404, new byte[0]);
    }
  }

  private void listing(HttpExchange exchange) throws IOException {
    String commit = COMMITS.get(main);
    String etag = '"' + commit + '"';
    boolean known = etag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"));
    listings.add(known ? 304 : 200);
    exchange.getResponseHeaders().set("ETag", etag);
    if (known) {
      exchange.sendResponseHeaders(304, -1);
      return;
    }
    String files =
        FILES.stream().map("{\"rfilename\": \"%s\"}"::formatted).collect(Collectors.joining(", "));
    send(
        exchange,
        200,
        "{\"id\": \"%s\", \"sha\": \"%s\", \"siblings\": [%s]}"
            .formatted(MODEL, commit, files)
            .getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] read(String checkpoint, String file) throws IOException {
    try (InputStream in =
        BranchServer.class.getResourceAsStream(
            "/dev/crossencoder/demo/%s/%s".formatted(checkpoint, file))) {
      return in.readAllBytes();
    }
  }

  private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    boolean head = exchange.getRequestMethod().equals("HEAD");
    if (head) {
      exchange.getResponseHeaders().set("Content-Length", String.valueOf(body.length));
    }
    exchange.sendResponseHeaders(status, head || body.length == 0 ? -1 : body.length);
    if (!head && body.length > 0) {
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
