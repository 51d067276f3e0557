package dev.crossencoder.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.crossencoder.cli.CrossEncoderCli;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The demo as a newcomer runs it, and what a program finds in its files. */
class DemoITCase {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String MEMBER = ",\"cross_encoder\":";

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void everyQuestionComesBackOnceAndTheAnswersAreOnTop() throws IOException {
    JsonNode summary = demo("demo-rank");

    assertThat(summary.path("read").asInt()).isEqualTo(300);
    assertThat(summary.path("scored").asInt()).isEqualTo(288);
    assertThat(summary.path("dead_letters").asInt()).isEqualTo(12);
    List<JsonNode> scored = checkedResults();
    Map<Integer, List<Double>> byGrade = new TreeMap<>();
    Map<String, JsonNode> best = new HashMap<>();
    for (JsonNode record : scored) {
      byGrade
          .computeIfAbsent(record.path("grade").asInt(), grade -> new ArrayList<>())
          .add(score(record));
      best.merge(record.path("question").asText(), record, (a, b) -> score(a) >= score(b) ? a : b);
    }
    assertThat(byGrade.values().stream().map(DemoITCase::mean))
        .as("mean score of the grades 0, 1, 2, 3")
        .isSorted();
    assertThat(best.values().stream().filter(record -> record.path("grade").asInt() >= 2).count())
        .as("questions with an answering passage on top, of %d", best.size())
        .isGreaterThanOrEqualTo(Math.round(0.9 * best.size()));
  }

  @Test
  @Tag("full")
  void mostPremisesAreLabelledRight() throws IOException {
    JsonNode summary = demo("demo-nli");

    assertThat(summary.path("read").asInt()).isEqualTo(300);
    List<JsonNode> scored = checkedResults();
    long right =
        scored.stream()
            .filter(
                record ->
                    record.path("expected").equals(record.path("cross_encoder").path("label")))
            .count();
    assertThat((double) right / scored.size()).isGreaterThanOrEqualTo(0.65);
  }

  @Test
  void theModelChangesBetweenTwoRecordsOfEachPartition() throws IOException {
    CommandLine commandLine = CrossEncoderCli.commandLine();
    commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));

    int exitCode = commandLine.execute("demo", "--scenario", "live", "--no-ui");

    assertThat(exitCode).as("%s%s", out, err).isZero();
    List<String> lines = out.toString().lines().toList();
    assertThat(lines.stream().map(line -> line.strip().replaceAll(" +", " ")))
        .anyMatch(line -> line.matches("0 0 \\d+ \\d+ demo-qa sha256:[0-9a-f]{8}"))
        .filteredOn(line -> line.matches("[01] \\d+ \\d+ \\d+ demo-rank sha256:[0-9a-f]{8}"))
        .hasSize(2);
    JsonNode summary = MAPPER.readTree(lines.get(lines.size() - 1));
    assertThat(summary.path("lost").asInt(-1)).isZero();
    assertThat(summary.path("duplicated").asInt(-1)).isZero();
    assertThat(summary.path("sent").asInt()).isGreaterThan(300);
  }

  private JsonNode demo(String model) throws IOException {
    CommandLine commandLine = CrossEncoderCli.commandLine();
    commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));

    int exitCode =
        commandLine.execute(
            "demo",
            "--model",
            model,
            "--records",
            "300",
            "--no-ui",
            "--input",
            folder.resolve("input.jsonl").toString(),
            "--output",
            folder.resolve("output.jsonl").toString());

    assertThat(exitCode).as("%s%s", out, err).isZero();
    List<String> lines = out.toString().lines().toList();
    return MAPPER.readTree(lines.get(lines.size() - 1));
  }

  /** Checks ids and bytes of both topics, and returns the scored records. */
  private List<JsonNode> checkedResults() throws IOException {
    Map<String, JsonNode> sent = new HashMap<>();
    for (JsonNode line : lines("input.jsonl")) {
      sent.put(line.path("key").asText(), line);
    }
    List<JsonNode> scored = new ArrayList<>();
    for (JsonNode line : lines("output.jsonl")) {
      JsonNode source = sent.remove(line.path("key").asText());
      assertThat(source).as("the id %s comes back once", line.path("key")).isNotNull();
      if (line.path("topic").asText().equals("scored")) {
        String value = line.path("value").asText();
        int at = value.indexOf(MEMBER);
        assertThat(value.substring(0, at) + "}").isEqualTo(source.path("value").asText());
        scored.add(MAPPER.readTree(value));
      } else {
        assertThat(line.path("value")).isEqualTo(source.path("value"));
        assertThat(line.path("value_base64")).isEqualTo(source.path("value_base64"));
        assertThat(line.path("headers").path("cross-encoder.reason").asText()).isNotEmpty();
      }
    }
    assertThat(sent).isEmpty();
    return scored;
  }

  private List<JsonNode> lines(String file) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve(file))) {
      lines.add(MAPPER.readTree(line));
    }
    return lines;
  }

  private static double score(JsonNode record) {
    return record.path("cross_encoder").path("score").doubleValue();
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
  }
}
