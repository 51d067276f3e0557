package dev.crossencoder.bundle;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The embedded models are as good as their README says: the figures that a separate implementation
 * measured with the same weights.
 */
@Tag("data")
class HeldOutAccuracyITCase {
  private static final Pattern SPACE = Pattern.compile("\\s+");
  private static final double POINTS = 0.002;
  private static final int CUTOFF = 10;

  private Path data;

  @BeforeEach
  void findTheData() {
    String folder = System.getProperty("crossencoder.data", "");
    assumeTrue(
        !folder.isBlank(),
        "Skipped, there is no data: set -Dcrossencoder.data to the folder with the recorded data.");
    data = Path.of(folder);
    assertThat(data).isDirectory();
  }

  @Test
  void demoQaAnswersTheHeldOutQuestions() throws IOException {
    List<JsonNode> lines = lines("minilm-qa.jsonl");
    try (CrossEncoder model = TestModels.open("demo-qa")) {
      List<Score> scores = model.score(pairs(lines));

      int right = 0;
      for (int i = 0; i < lines.size(); i++) {
        boolean answers = scores.get(i).logits().get(0) > 0;
        right += answers == (lines.get(i).path("label").asInt() == 1) ? 1 : 0;
      }
      assertAccuracy("demo-qa", right, lines.size(), 0.805);
    }
  }

  @Test
  void demoNliLabelsTheHeldOutPairs() throws IOException {
    List<JsonNode> lines = lines("minilm-nli.jsonl");
    try (CrossEncoder model = TestModels.open("demo-nli")) {
      List<Score> scores = model.score(pairs(lines));

      int right = 0;
      for (int i = 0; i < lines.size(); i++) {
        right += scores.get(i).label().equals(lines.get(i).path("label").asText()) ? 1 : 0;
      }
      assertAccuracy("demo-nli", right, lines.size(), 0.7095);
    }
  }

  @Test
  void demoQaRanksThePassagesOfTrecDl2019() throws IOException {
    Path folder = data.resolve("retrieval").resolve("trec-dl");
    Map<String, Map<String, Integer>> judgements =
        judgements(folder.resolve("qrels.dl19-passage.txt"));
    JsonNode topics = JsonFiles.MAPPER.readTree(folder.resolve("bm25_top100_dl19.json").toFile());
    List<Double> gains = new ArrayList<>();
    try (CrossEncoder model = TestModels.open("demo-qa")) {
      for (JsonNode topic : topics) {
        List<JsonNode> hits = new ArrayList<>();
        topic.path("hits").forEach(hits::add);
        List<String> passages = hits.stream().map(hit -> hit.path("content").asText()).toList();
        List<String> ranked =
            model.rank(topic.path("query").asText(), passages, CUTOFF).stream()
                .map(passage -> hits.get(passage.corpusId()).path("docid").asText())
                .toList();
        gains.add(ndcg(ranked, judgements.get(hits.get(0).path("qid").asText())));
      }
    }
    double mean = gains.stream().mapToDouble(Double::doubleValue).average().orElseThrow();

    System.out.printf("demo-qa: NDCG@10 %.4f on %d topics of TREC DL 2019%n", mean, gains.size());
    assertThat(gains).hasSize(43);
    assertThat(mean).isCloseTo(0.2574, within(0.002));
  }

  private static void assertAccuracy(String model, int right, int size, double expected) {
    double accuracy = (double) right / size;
    System.out.printf("%s: %.4f, %d of %d held-out pairs right%n", model, accuracy, right, size);
    assertThat(accuracy).isCloseTo(expected, within(POINTS));
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

  private List<JsonNode> lines(String file) throws IOException {
    List<JsonNode> nodes = new ArrayList<>();
    for (String line : Files.readAllLines(data.resolve("heldout").resolve(file))) {
      nodes.add(JsonFiles.MAPPER.readTree(line));
    }
    return nodes;
  }

  private static List<TextPair> pairs(List<JsonNode> lines) {
    return lines.stream()
        .map(line -> new TextPair(line.path("text").asText(), line.path("text_pair").asText()))
        .toList();
  }
}
