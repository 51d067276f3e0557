package dev.crossencoder.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.cli.command.CommandFailedException;
import dev.crossencoder.cli.command.ExitCodes;
import dev.crossencoder.cli.local.RoundTrip;
import dev.crossencoder.cli.local.RoundTrips;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine;

/** Sends the records of a scenario through a job, and prints what came back. */
final class ListDemo {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Scenario scenario;
  private final PrintWriter out;

  ListDemo(Scenario scenario, PrintWriter out) {
    this.scenario = scenario;
    this.out = out;
  }

  /**
   * Sends all records at once and reports them in the order in which they were sent. The last line
   * is a summary in JSON.
   *
   * @return the exit code: 0 if every record came back with a result
   */
  int run(RoundTrips trips) throws IOException, InterruptedException {
    List<JsonNode> records = records();
    long start = System.nanoTime();
    List<CompletableFuture<RoundTrip>> sent = new ArrayList<>();
    for (JsonNode record : records) {
      sent.add(trips.send(MAPPER.writeValueAsBytes(record)));
    }
    List<JsonNode> scored = new ArrayList<>();
    int deadLetters = 0;
    for (CompletableFuture<RoundTrip> trip : sent) {
      RoundTrip returned = await(trip);
      if (returned.isDeadLetter()) {
        deadLetters++;
      } else {
        scored.add(MAPPER.readTree(returned.value()));
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    if (scenario == Scenario.CLASSIFY) {
      out.println(ClassifyReport.of(scored));
    } else {
      if (scenario == Scenario.LONG) {
        out.println(
            "The model cannot read these documents at once, so each was scored in chunks of at most 128 tokens.");
        out.println(
            "The score is that of the best chunk. The evidence is its sentence without which the score falls most;");
        out.printf("\"characters\" says where in the document it stands.%n%n");
      }
      scored.forEach(record -> out.println(RerankReport.of(record)));
    }
    ObjectNode summary = MAPPER.createObjectNode();
    summary.put("scenario", scenario.key());
    summary.put("read", records.size());
    summary.put("scored", scored.size());
    summary.put("dead_letters", deadLetters);
    summary.put("seconds", Math.round(seconds * 100) / 100.0);
    out.println(MAPPER.writeValueAsString(summary));
    out.flush();
    return scored.size() == records.size() ? CommandLine.ExitCode.OK : ExitCodes.FAILURE;
  }

  private static RoundTrip await(CompletableFuture<RoundTrip> trip) throws InterruptedException {
    try {
      return trip.get();
    } catch (ExecutionException e) {
      throw new CommandFailedException("A record did not come back: " + e.getCause(), e);
    }
  }

  private List<JsonNode> records() throws IOException {
    String resource = scenario.key() + ".jsonl";
    try (InputStream in = ListDemo.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("Cannot find resource " + resource);
      }
      return MAPPER.readerFor(JsonNode.class).<JsonNode>readValues(in).readAll();
    }
  }
}
