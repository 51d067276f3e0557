package dev.crossencoder.cli.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.crossencoder.cli.local.RoundTrip;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page's server over HTTP, with a job that answers what a test wants. */
class PageServerTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String REQUEST = "{\"query\":\"q\",\"documents\":[\"a\",\"b\"]}";

  private final HttpClient client = HttpClient.newHttpClient();
  private final List<String> sent = new CopyOnWriteArrayList<>();
  private volatile CompletableFuture<RoundTrip> outcome;
  private PageServer server;

  @BeforeEach
  void start() throws IOException {
    server =
        PageServer.start(
            value -> {
              sent.add(new String(value, StandardCharsets.UTF_8));
              return outcome;
            });
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void theRankingComesBackWithTheTimeOfEachStageAndTheRecord() throws Exception {
    String record =
        "{\"query\":\"q\",\"documents\":[\"a\",\"b\"],\"cross_encoder\":{\"results\":[{\"index\":1,\"relevance_score\":0.75}]}}";
    outcome = returned(record, null);

    HttpResponse<String> response = rank(REQUEST);

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(sent).containsExactly(REQUEST);
    JsonNode answer = MAPPER.readTree(response.body());
    assertThat(answer.path("result").path("results").path(0).path("index").asInt()).isEqualTo(1);
    assertThat(answer.path("millis").path("send").asDouble()).isEqualTo(1.5);
    assertThat(answer.path("millis").path("job").asDouble()).isEqualTo(20);
    assertThat(answer.path("millis").path("read").asDouble()).isEqualTo(3);
    assertThat(answer.path("record").asText()).isEqualTo(record);
  }

  @Test
  void aDeadLetterIsASentence() throws Exception {
    outcome = returned("{}", "No document has a text.");

    assertError(rank(REQUEST), 422, "The record became a dead letter: No document has a text.");
  }

  @Test
  void aJobThatDoesNotAnswerIsASentence() throws Exception {
    outcome = CompletableFuture.failedFuture(new TimeoutException());

    assertError(
        rank(REQUEST),
        504,
        "The job has not answered in time. Look at the job in Flink's web UI, or send fewer documents.");
  }

  @Test
  void whatIsNotARequestIsNotSent() throws Exception {
    assertError(rank("{\"query\":\"\"}"), 400, "The query is empty. Type a question.");
    assertError(
        rank("x".repeat(600_000)),
        413,
        "The query and the documents are too large: the limit is 64 KiB. Send fewer or shorter documents.");
    assertThat(sent).isEmpty();
  }

  /** With DNS rebinding, a browser sends the name of the attacker's site to this server. */
  @ParameterizedTest
  @ValueSource(
      strings = {"evil.example", "evil.example:%d", "127.0.0.1", "127.0.0.1:1", "0.0.0.0:%d"})
  void anotherHostIsRefused(String host) throws IOException {
    int port = server.address().getPort();

    assertThat(statusLine("GET / HTTP/1.1\r\nHost: " + host.formatted(port) + "\r\n\r\n"))
        .contains("403");
  }

  @Test
  void anotherOriginIsRefused() throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(server.address().resolve("rank"))
            .header("Content-Type", "application/json")
            .header("Origin", "https://evil.example")
            .POST(BodyPublishers.ofString(REQUEST));

    assertThat(client.send(request.build(), BodyHandlers.ofString()).statusCode()).isEqualTo(403);
    assertThat(sent).isEmpty();
  }

  /** A form of another site can send text/plain without asking first, and no JSON. */
  @Test
  void onlyJsonIsAccepted() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(server.address().resolve("rank"))
            .header("Content-Type", "text/plain")
            .POST(BodyPublishers.ofString(REQUEST))
            .build();

    assertError(
        client.send(request, BodyHandlers.ofString()),
        415,
        "Send JSON with the content type application/json.");
    assertThat(sent).isEmpty();
  }

  @Test
  void methodsAndPathsThatDoNotExistAreRefused() throws Exception {
    assertThat(get("rank").statusCode()).isEqualTo(405);
    assertThat(get("rank").headers().firstValue("Allow")).contains("POST");
    assertThat(get("../../etc/passwd").statusCode()).isEqualTo(404);
    assertThat(get("PageServer.class").statusCode()).isEqualTo(404);
  }

  @Test
  void onlyThisMachineCanConnect() throws IOException {
    assertThat(InetAddress.getByName(server.address().getHost()).isLoopbackAddress()).isTrue();
  }

  @Test
  void aSecondServerTakesAnotherPort() throws IOException {
    try (PageServer second = PageServer.start(value -> outcome)) {
      assertThat(second.address().getPort()).isNotEqualTo(server.address().getPort());
    }
  }

  @Test
  void everyFileOfThePageIsServedAndNothingComesFromElsewhere() throws Exception {
    HttpResponse<String> page = get("");
    assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
        .startsWith("default-src 'none'");

    List<String> files = references(page.body());
    assertThat(files).contains("page.css", "page.js");
    for (String file : files) {
      HttpResponse<String> response = get(file);
      assertThat(response.statusCode()).as(file).isEqualTo(200);
      assertThat(response.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
      assertThat(response.body()).as(file).doesNotContain("http://", "https://");
    }
    assertThat(get("page.js").body()).doesNotContain("innerHTML", "insertAdjacentHTML", "eval(");
  }

  @Test
  void everyExampleIsARequest() throws Exception {
    JsonNode examples = MAPPER.readTree(get("examples.json").body());

    assertThat(examples).hasSizeGreaterThanOrEqualTo(3);
    for (JsonNode example : examples) {
      assertThat(RankRequest.parse(MAPPER.writeValueAsBytes(example)).documents()).isNotEmpty();
    }
  }

  private static CompletableFuture<RoundTrip> returned(String value, String reason) {
    return CompletableFuture.completedFuture(
        new RoundTrip(value.getBytes(StandardCharsets.UTF_8), reason, 1.5, 20, 3));
  }

  private static List<String> references(String html) {
    List<String> files = new ArrayList<>();
    Matcher matcher = Pattern.compile("(?:href|src)=\"([^\"]+)\"").matcher(html);
    while (matcher.find()) {
      if (!matcher.group(1).startsWith("data:")) {
        files.add(matcher.group(1));
      }
    }
    return files;
  }

  private HttpResponse<String> get(String path) throws Exception {
    URI address = URI.create(server.address() + path);
    return client.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> rank(String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(server.address().resolve("rank"))
            .header("Content-Type", "application/json; charset=utf-8")
            .POST(BodyPublishers.ofString(body))
            .build();
    return client.send(request, BodyHandlers.ofString());
  }

  private static void assertError(HttpResponse<String> response, int status, String message)
      throws IOException {
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(MAPPER.readTree(response.body()).path("error").asText()).isEqualTo(message);
  }

  /** Sends a request of which Java's client would not let the host be changed. */
  private String statusLine(String request) throws IOException {
    try (Socket socket = new Socket(server.address().getHost(), server.address().getPort())) {
      OutputStream out = socket.getOutputStream();
      out.write(request.getBytes(StandardCharsets.US_ASCII));
      out.flush();
      InputStream in = socket.getInputStream();
      return new String(in.readNBytes("HTTP/1.1 403".length()), StandardCharsets.US_ASCII);
    }
  }
}
