package dev.crossencoder.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
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
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * The part of the REST API of a JobManager that tests need. Answers are up to {@code
 * web.refresh-interval} old. Thread-safe.
 */
public final class FlinkRest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Duration ANSWER_DEADLINE = Duration.ofSeconds(10);
  private static final int FIRST_ERROR_STATUS = 400;

  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private final URI address;

  FlinkRest(URI address) {
    this.address = address;
  }

  /** The URL of the API and the web UI. */
  public URI address() {
    return address;
  }

  /** Returns the number of free slots; 0 if the JobManager does not answer. */
  public int freeSlots() throws InterruptedException {
    try {
      return get("/overview").path("slots-available").asInt();
    } catch (IOException e) {
      return 0;
    }
  }

  /** Returns the state of a job, such as {@code RUNNING}, {@code FAILING} or {@code CANCELED}. */
  public String state(String job) throws IOException, InterruptedException {
    return get("/jobs/" + job).path("state").asText();
  }

  /**
   * Returns whether all subtasks of a job are running, which they are after loading their models.
   */
  public boolean isRunning(String job) throws IOException, InterruptedException {
    JsonNode answer = get("/jobs/" + job);
    JsonNode vertices = answer.path("vertices");
    for (JsonNode vertex : vertices) {
      if (vertex.path("tasks").path("RUNNING").asInt() != vertex.path("parallelism").asInt()) {
        return false;
      }
    }
    return !vertices.isEmpty() && answer.path("state").asText().equals("RUNNING");
  }

  /**
   * Returns the number of restarts of a job, summed over its subtasks. Subtasks in different
   * pipelined regions restart separately.
   */
  public int restarts(String job) throws IOException, InterruptedException {
    int attempts = 0;
    for (String vertex : vertices(job)) {
      for (JsonNode subtask : get("/jobs/" + job + "/vertices/" + vertex).path("subtasks")) {
        attempts += subtask.path("attempt").asInt();
      }
    }
    return attempts;
  }

  /** Returns the failures of the tasks of a job with stack traces. */
  public String failures(String job) throws IOException, InterruptedException {
    return get("/jobs/" + job + "/exceptions").toString();
  }

  /**
   * Returns the number of completed checkpoints since the submission or the start of the
   * JobManager.
   */
  public int completedCheckpoints(String job) throws IOException, InterruptedException {
    return get("/jobs/" + job + "/checkpoints").path("counts").path("completed").asInt();
  }

  /** Returns the number of failed checkpoints of a job. */
  public int failedCheckpoints(String job) throws IOException, InterruptedException {
    return get("/jobs/" + job + "/checkpoints").path("counts").path("failed").asInt();
  }

  /** Returns the path of the last completed checkpoint of a job; empty if there is none. */
  public String latestCheckpoint(String job) throws IOException, InterruptedException {
    return get("/jobs/" + job + "/checkpoints")
        .path("latest")
        .path("completed")
        .path("external_path")
        .asText("");
  }

  /**
   * Returns the current maximum of a metric over the subtasks of a job.
   *
   * @param end the end of the metric's id, such as {@code crossEncoder.recordsInFlight}
   */
  public OptionalDouble largest(String job, String end) throws IOException, InterruptedException {
    OptionalDouble largest = OptionalDouble.empty();
    for (String vertex : vertices(job)) {
      String metrics = "/jobs/" + job + "/vertices/" + vertex + "/subtasks/metrics";
      for (JsonNode metric : get(metrics)) {
        String id = metric.path("id").asText();
        if (id.endsWith(end)) {
          JsonNode value = get(metrics + "?agg=max&get=" + id).path(0).path("max");
          if (value.isNumber()) {
            largest =
                OptionalDouble.of(
                    Math.max(value.doubleValue(), largest.orElse(Double.NEGATIVE_INFINITY)));
          }
        }
      }
    }
    return largest;
  }

  private List<String> vertices(String job) throws IOException, InterruptedException {
    List<String> ids = new ArrayList<>();
    get("/jobs/" + job).path("vertices").forEach(vertex -> ids.add(vertex.path("id").asText()));
    return ids;
  }

  /** Requests the cancellation of a job without waiting for it. */
  public void cancel(String job) throws IOException, InterruptedException {
    answer(
        request("/jobs/" + job + "?mode=cancel")
            .method("PATCH", HttpRequest.BodyPublishers.noBody())
            .build());
  }

  /**
   * Stops a job with a savepoint.
   *
   * @param folder the URI of the folder for savepoints
   * @return the path of the savepoint
   */
  public String stopWithSavepoint(String job, String folder, Duration patience)
      throws IOException, InterruptedException {
    ObjectNode body = MAPPER.createObjectNode().put("targetDirectory", folder).put("drain", false);
    HttpRequest request =
        request("/jobs/" + job + "/stop")
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
            .build();
    String trigger = MAPPER.readTree(answer(request)).path("request-id").asText();
    JsonNode status =
        await("a savepoint of job " + job)
            .atMost(patience)
            .pollInterval(Duration.ofMillis(200))
            .until(
                () -> get("/jobs/" + job + "/savepoints/" + trigger),
                found -> found.path("status").path("id").asText().equals("COMPLETED"));
    String location = status.path("operation").path("location").asText("");
    if (location.isEmpty()) {
      throw new IOException("Cannot stop job %s with a savepoint: %s".formatted(job, status));
    }
    return location;
  }

  /**
   * Returns the answer to a GET request.
   *
   * @param path the path, such as {@code /jobmanager/config}
   */
  public String text(String path) throws IOException, InterruptedException {
    return new String(answer(request(path).build()), UTF_8);
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    return MAPPER.readTree(answer(request(path).build()));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(address.resolve(path)).timeout(ANSWER_DEADLINE);
  }

  private byte[] answer(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<byte[]> response = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
    if (response.statusCode() >= FIRST_ERROR_STATUS) {
      throw new IOException(
          "%s %s was answered with %d: %s"
              .formatted(
                  request.method(),
                  request.uri(),
                  response.statusCode(),
                  new String(response.body(), UTF_8)));
    }
    return response.body();
  }
}
