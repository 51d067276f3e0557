package dev.crossencoder.benchmark.race.job;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** Posts JSON to servers. Thread-safe; answers come on other threads. */
final class JsonClient {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final List<URI> urls;
  private final AtomicInteger requests = new AtomicInteger();

  JsonClient(List<String> urls) {
    this.urls = urls.stream().map(URI::create).toList();
  }

  /** Posts to the servers in turn. */
  CompletableFuture<JsonNode> post(JsonNode body) throws IOException {
    return post(body, Math.floorMod(requests.getAndIncrement(), urls.size()));
  }

  /**
   * Returns the answer; it completes with an exception if it is not 200.
   *
   * @param server the number of the server
   */
  CompletableFuture<JsonNode> post(JsonNode body, int server) throws IOException {
    URI url = urls.get(server);
    HttpRequest request =
        HttpRequest.newBuilder(url)
            .timeout(TIMEOUT)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(RaceRecord.MAPPER.writeValueAsBytes(body)))
            .build();
    return client
        .sendAsync(request, HttpResponse.BodyHandlers.ofByteArray())
        .thenApply(
            response -> {
              if (response.statusCode() != 200) {
                throw new IllegalStateException(
                    "%s answered with %d".formatted(url, response.statusCode()));
              }
              try {
                return RaceRecord.MAPPER.readTree(response.body());
              } catch (IOException e) {
                throw new UncheckedIOException("Cannot read the answer of " + url, e);
              }
            });
  }
}
