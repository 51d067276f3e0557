package dev.crossencoder.model.parity;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.io.JsonFiles;
import dev.crossencoder.model.scoring.CrossEncoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What models are measured on, outside the project: pairs with labels, and rankings. */
record HeldOutData(Path folder) {
  private static final Pattern SPACE = Pattern.compile("\\s+");
  private static final int CUTOFF = 10;

  /** Finds the folder, or skips the test. */
  static HeldOutData find() {
    String folder = System.getProperty("crossencoder.data", "");
    assumeTrue(
        !folder.isBlank(),
        "Skipped, there is no data: set -Dcrossencoder.data to the folder with the recorded data.");
    assertThat(Path.of(folder)).isDirectory();
    return new HeldOutData(Path.of(folder));
  }

  /** The pairs of a file in {@code heldout}. */
  List<JsonNode> lines(String file) throws IOException {
    List<JsonNode> nodes = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("heldout").resolve(file))) {
      nodes.add(JsonFiles.MAPPER.readTree(line));
    }
    return nodes;
  }

  static List<TextPair> pairs(List<JsonNode> lines) {
    return lines.stream()
        .map(line -> new TextPair(line.path("text").asText(), line.path("text_pair").asText()))
        .toList();
  }

  /** How many pairs a model of one label is right about: whether the second answers the first. */
  static int rightAnswers(List<JsonNode> lines, List<Score> scores) {
    int right = 0;
    for (int i = 0; i < lines.size(); i++) {
      boolean answers = scores.get(i).logits().get(0) > 0;
      right += answers == (lines.get(i).path("label").asInt() == 1) ? 1 : 0;
    }
    return right;
  }

  /** How many pairs a model of several labels is right about. */
  static int rightLabels(List<JsonNode> lines, List<Score> scores) {
    int right = 0;
    for (int i = 0; i < lines.size(); i++) {
      right += scores.get(i).label().equals(lines.get(i).path("label").asText()) ? 1 : 0;
    }
    return right;
  }

  /** NDCG@10 of each topic of TREC DL 2019 after a model has ranked its 100 passages. */
  List<Double> rankTrecDl2019(CrossEncoder model) throws IOException {
    Path recorded = folder.resolve("retrieval").resolve("trec-dl");
    Map<String, Map<String, Integer>> judgements =
        judgements(recorded.resolve("qrels.dl19-passage.txt"));
    List<Double> gains = new ArrayList<>();
    for (JsonNode topic :
        JsonFiles.MAPPER.readTree(recorded.resolve("bm25_top100_dl19.json").toFile())) {
      List<JsonNode> hits = new ArrayList<>();
      topic.path("hits").forEach(hits::add);
      List<String> passages = hits.stream().map(hit -> hit.path("content").asText()).toList();
      List<String> ranked =
          model.rank(topic.path("query").asText(), passages, CUTOFF).stream()
              .map(passage -> hits.get(passage.corpusId()).path("docid").asText())
              .toList();
      gains.add(ndcg(ranked, judgements.get(hits.get(0).path("qid").asText())));
    }
    return gains;
  }

  static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }

  /** With linear gain: a passage of grade g gains g, not 2^g - 1. */
  private static double ndcg(List<String> ranked, Map<String, Integer> grades) {
    List<Integer> found = ranked.stream().map(passage -> grades.getOrDefault(passage, 0)).toList();
    List<Integer> ideal =
        grades.values().stream().sorted(Comparator.reverseOrder()).limit(CUTOFF).toList();
    return discounted(found) / discounted(ideal);
  }

  private static double discounted(List<Integer> grades) {
    double sum = 0;
    for (int i = 0; i < grades.size(); i++) {
      sum += grades.get(i) * Math.log(2) / Math.log(i + 2);
    }
    return sum;
  }

  /** Grades by passage by topic. */
  private static Map<String, Map<String, Integer>> judgements(Path file) throws IOException {
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .map(SPACE::split)
          .collect(
              groupingBy(
                  fields -> fields[0], toMap(fields -> fields[2], f -> Integer.valueOf(f[3]))));
    }
  }
}
