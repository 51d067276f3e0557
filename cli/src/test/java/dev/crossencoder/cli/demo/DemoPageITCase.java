package dev.crossencoder.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.crossencoder.cli.CrossEncoderCli;
import dev.crossencoder.cli.local.LocalCluster;
import dev.crossencoder.cli.local.LocalJob;
import dev.crossencoder.cli.local.LocalTopics;
import dev.crossencoder.cli.local.RoundTrips;
import dev.crossencoder.cli.page.PageServer;
import dev.crossencoder.kafka.EmbeddedKafka;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The page and the scenarios with a real broker and a real job. */
class DemoPageITCase {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir private Path folder;

  @Test
  void eachExampleOfThePageComesBackWithTheAnswerOnTop() throws Exception {
    LocalTopics topics = LocalTopics.of("page");
    try (EmbeddedKafka kafka = EmbeddedKafka.start(folder.resolve("kafka"));
        LocalCluster flink = LocalCluster.start(1, folder);
        RoundTrips trips = RoundTrips.start(kafka, topics, Duration.ofMinutes(1));
        PageServer page = PageServer.start(trips::send)) {
      LocalJob.submit(
          flink, "page", kafka.bootstrapServers(), topics, Scenario.LONG.jobOptions("demo-rank"));

      JsonNode examples = MAPPER.readTree(get(page, "examples.json"));
      List<String> answers =
          List.of(
              "At 41 metres",
              "Worn shoes cannot",
              "While the dough rests",
              "The museum shows ships");
      for (int i = 0; i < answers.size(); i++) {
        JsonNode answer = MAPPER.readTree(rank(page, examples.get(i).toString()));

        JsonNode results = answer.path("result").path("results");
        assertThat(results).hasSameSizeAs(examples.get(i).path("documents"));
        int best = results.path(0).path("index").asInt();
        assertThat(examples.get(i).path("documents").path(best).asText())
            .startsWith(answers.get(i));
        assertThat(answer.path("millis").path("job").asDouble()).isBetween(0.0, 30_000.0);
      }
      JsonNode emoji =
          MAPPER.readTree(rank(page, "{\"query\":\"q\",\"documents\":[\"\\ud83d\\ude42\"]}"));
      assertThat(emoji.path("result").path("results")).hasSize(1);
    }
  }

  @Test
  void theScenarioRerankShowsHowTheOrderChanges() throws Exception {
    List<String> lines = scenario("rerank");

    assertThat(lines).anyMatch(line -> line.matches("\\|\\s+1 \\| 4 ↑3\\s+\\|.*At 41 metres.*"));
    JsonNode summary = MAPPER.readTree(lines.get(lines.size() - 1));
    assertThat(summary.path("read").asInt()).isEqualTo(3);
    assertThat(summary.path("scored").asInt()).isEqualTo(3);
  }

  @Test
  void theScenarioClassifyShowsTheLabelOfEachText() throws Exception {
    List<String> lines = scenario("classify");

    JsonNode summary = MAPPER.readTree(lines.get(lines.size() - 1));
    assertThat(summary.path("scored").asInt()).isEqualTo(6);
    assertThat(lines)
        .anyMatch(line -> line.matches("\\| The parcel was promised .*\\| delivery +\\|.*"));
  }

  @Test
  void theScenarioLongFindsTheSentenceThatAnswers() throws Exception {
    List<String> lines = scenario("long");

    assertThat(lines)
        .anyMatch(line -> line.matches("\\|\\s+1 \\|.*\\| A night in the harbour costs 24 euros.*"))
        .anyMatch(
            line -> line.matches("\\|\\s+1 \\|.*\\| The lighthouse on the point was built.*"));
  }

  @Test
  void optionsOfAnotherScenarioAreRefused() {
    StringWriter err = new StringWriter();
    CommandLine commandLine = CrossEncoderCli.commandLine();
    commandLine.setOut(new PrintWriter(err, true)).setErr(new PrintWriter(err, true));

    assertThat(commandLine.execute("demo", "--scenario", "rerank", "--records", "3")).isEqualTo(2);
    assertThat(err.toString())
        .contains("Invalid --records with --scenario rerank. It belongs to the scenario pairs.");
  }

  private static List<String> scenario(String name) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine commandLine = CrossEncoderCli.commandLine();
    commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));

    int exitCode = commandLine.execute("demo", "--scenario", name, "--no-ui");

    assertThat(exitCode).as("%s%s", out, err).isZero();
    return out.toString().lines().toList();
  }

  private static String get(PageServer page, String path) throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(page.address().resolve(path)).build(), BodyHandlers.ofString())
        .body();
  }

  private static String rank(PageServer page, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(page.address().resolve("rank"))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
  }
}
