package dev.crossencoder.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** The REST API of a JobManager, as far as tests need it. */
final class FlinkRest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private final URI address;

  FlinkRest(URI address) {
    this.address = address;
  }

  /** How many slots are free; 0 as long as nobody answers. */
  int freeSlots() throws InterruptedException {
    try {
      return get("/overview").path("slots-available").asInt();
    } catch (IOException e) {
      return 0;
    }
  }

  String state(String job) throws IOException, InterruptedException {
    return get("/jobs/" + job).path("state").asText();
  }

  /** Whether all tasks of a job run, their models loaded. */
  boolean isRunning(String job) throws IOException, InterruptedException {
    for (JsonNode vertex : get("/jobs/" + job).path("vertices")) {
      if (!vertex.path("status").asText().equals("RUNNING")) {
        return false;
      }
    }
    return state(job).equals("RUNNING");
  }

  /** How often the tasks of a job were started again. */
  int restarts(String job) throws IOException, InterruptedException {
    int attempts = 0;
    for (JsonNode vertex : get("/jobs/" + job).path("vertices")) {
      JsonNode details = get("/jobs/" + job + "/vertices/" + vertex.path("id").asText());
      for (JsonNode subtask : details.path("subtasks")) {
        attempts = Math.max(attempts, subtask.path("attempt").asInt());
      }
    }
    return attempts;
  }

  /** Why the tasks of a job failed, with stack traces. */
  String failures(String job) throws IOException, InterruptedException {
    return get("/jobs/" + job + "/exceptions").toString();
  }

  void cancel(String job) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(address.resolve("/jobs/" + job + "?mode=cancel"))
            .method("PATCH", HttpRequest.BodyPublishers.noBody())
            .build();
    client.send(request, HttpResponse.BodyHandlers.discarding());
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(address.resolve(path)).timeout(Duration.ofSeconds(10)).build();
    return MAPPER.readTree(client.send(request, HttpResponse.BodyHandlers.ofByteArray()).body());
  }
}
