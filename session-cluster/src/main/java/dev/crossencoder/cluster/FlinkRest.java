package dev.crossencoder.cluster;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** The REST API of a JobManager, as far as tests need it. Used by many threads. */
public final class FlinkRest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Duration ANSWER_DEADLINE = Duration.ofSeconds(10);

  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private final URI address;

  FlinkRest(URI address) {
    this.address = address;
  }

  /** Where the API and the web UI are. */
  public URI address() {
    return address;
  }

  /** How many slots are free; 0 as long as nobody answers. */
  public int freeSlots() throws InterruptedException {
    try {
      return get("/overview").path("slots-available").asInt();
    } catch (IOException e) {
      return 0;
    }
  }

  /** {@code RUNNING}, {@code FAILING}, {@code CANCELED} and so on. */
  public String state(String job) throws IOException, InterruptedException {
    return get("/jobs/" + job).path("state").asText();
  }

  /** Whether all tasks of a job run, their models loaded. */
  public boolean isRunning(String job) throws IOException, InterruptedException {
    for (JsonNode vertex : get("/jobs/" + job).path("vertices")) {
      if (!vertex.path("status").asText().equals("RUNNING")) {
        return false;
      }
    }
    return state(job).equals("RUNNING");
  }

  /**
   * How often tasks of a job were started again, summed over all: those that pass nothing to each
   * other fail and start by themselves.
   */
  public int restarts(String job) throws IOException, InterruptedException {
    int attempts = 0;
    for (JsonNode vertex : get("/jobs/" + job).path("vertices")) {
      JsonNode details = get("/jobs/" + job + "/vertices/" + vertex.path("id").asText());
      for (JsonNode subtask : details.path("subtasks")) {
        attempts += subtask.path("attempt").asInt();
      }
    }
    return attempts;
  }

  /** Why the tasks of a job failed, with stack traces. */
  public String failures(String job) throws IOException, InterruptedException {
    return get("/jobs/" + job + "/exceptions").toString();
  }

  /** Asks for a job to be cancelled, and does not wait for it. */
  public void cancel(String job) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(address.resolve("/jobs/" + job + "?mode=cancel"))
            .method("PATCH", HttpRequest.BodyPublishers.noBody())
            .build();
    client.send(request, HttpResponse.BodyHandlers.discarding());
  }

  /**
   * Stops a job with a savepoint.
   *
   * @param folder where the savepoint goes, a URI
   * @return where it is
   */
  public String stopWithSavepoint(String job, String folder, Duration patience)
      throws IOException, InterruptedException {
    ObjectNode body = MAPPER.createObjectNode().put("targetDirectory", folder).put("drain", false);
    HttpRequest request =
        HttpRequest.newBuilder(address.resolve("/jobs/" + job + "/stop"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
            .build();
    String trigger = json(request).path("request-id").asText();
    JsonNode answer =
        await()
            .atMost(patience)
            .pollInterval(Duration.ofMillis(200))
            .until(
                () -> get("/jobs/" + job + "/savepoints/" + trigger),
                status -> status.path("status").path("id").asText().equals("COMPLETED"));
    String location = answer.path("operation").path("location").asText("");
    if (location.isEmpty()) {
      throw new IOException("Cannot stop job %s with a savepoint: %s".formatted(job, answer));
    }
    return location;
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    return json(HttpRequest.newBuilder(address.resolve(path)).timeout(ANSWER_DEADLINE).build());
  }

  private JsonNode json(HttpRequest request) throws IOException, InterruptedException {
    return MAPPER.readTree(client.send(request, HttpResponse.BodyHandlers.ofByteArray()).body());
  }
}
