package dev.crossencoder.model.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.testing.TestModels;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The embedded models are as good as their README says: the figures that a separate implementation
 * measured with the same weights.
 */
@Tag("data")
@Tag("full")
class HeldOutAccuracyITCase {
  private static final double POINTS = 0.002;

  private HeldOutData data;

  @BeforeEach
  void findTheData() {
    data = HeldOutData.find();
  }

  @Test
  void demoQaAnswersTheHeldOutQuestions() throws IOException {
    List<JsonNode> lines = data.lines("minilm-qa.jsonl");
    try (CrossEncoder model = TestModels.open("demo-qa")) {
      List<Score> scores = model.score(HeldOutData.pairs(lines));

      int right = HeldOutData.rightAnswers(lines, scores);
      assertAccuracy("demo-qa", right, lines.size(), 0.805);
    }
  }

  @Test
  void demoNliLabelsTheHeldOutPairs() throws IOException {
    List<JsonNode> lines = data.lines("minilm-nli.jsonl");
    try (CrossEncoder model = TestModels.open("demo-nli")) {
      List<Score> scores = model.score(HeldOutData.pairs(lines));

      int right = HeldOutData.rightLabels(lines, scores);
      assertAccuracy("demo-nli", right, lines.size(), 0.7095);
    }
  }

  @Test
  void demoQaRanksThePassagesOfTrecDl2019() throws IOException {
    List<Double> gains;
    try (CrossEncoder model = TestModels.open("demo-qa")) {
      gains = data.rankTrecDl2019(model);
    }
    double mean = HeldOutData.mean(gains);

    System.out.printf("demo-qa: NDCG@10 %.4f on %d topics of TREC DL 2019%n", mean, gains.size());
    assertThat(gains).hasSize(43);
    assertThat(mean).isCloseTo(0.2574, within(0.002));
  }

  private static void assertAccuracy(String model, int right, int size, double expected) {
    double accuracy = (double) right / size;
    System.out.printf("%s: %.4f, %d of %d held-out pairs right%n", model, accuracy, right, size);
    assertThat(accuracy).isCloseTo(expected, within(POINTS));
  }
}
