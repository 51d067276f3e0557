package dev.crossencoder.model.parity;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.model.Precision;
import dev.crossencoder.model.Score;
import dev.crossencoder.model.TextPair;
import dev.crossencoder.model.bundle.Bundle;
import dev.crossencoder.model.compiler.BundleBuilder;
import dev.crossencoder.model.repository.EmbeddedCheckpoint;
import dev.crossencoder.model.scoring.CrossEncoder;
import dev.crossencoder.model.scoring.CrossEncoderOptions;
import dev.crossencoder.model.testing.TestModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntBiFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What eight bits cost the embedded models, in accuracy, in ranking and in logits. */
@Tag("data")
@Tag("full")
class Int8AccuracyITCase {
  private static final double MAX_POINTS_LOST = 0.01;
  private static final double MAX_NDCG_LOST = 0.01;

  @TempDir private Path folder;
  private HeldOutData data;

  @BeforeEach
  void findTheData() {
    data = HeldOutData.find();
  }

  private CrossEncoder openInt8(EmbeddedCheckpoint embedded) throws IOException {
    Path checkpoint = Files.createDirectory(folder.resolve("checkpoint"));
    embedded.copyTo(checkpoint);
    Bundle bundle =
        BundleBuilder.fromCheckpoint(checkpoint)
            .precision(Precision.INT8)
            .build(folder.resolve("bundle"));
    return CrossEncoder.open(bundle, CrossEncoderOptions.DEFAULT);
  }

  @Test
  void demoQaAnswersTheHeldOutQuestions() throws IOException {
    assertAccuracy(EmbeddedCheckpoint.DEMO_QA, "minilm-qa.jsonl", HeldOutData::rightAnswers);
  }

  @Test
  void demoNliLabelsTheHeldOutPairs() throws IOException {
    assertAccuracy(EmbeddedCheckpoint.DEMO_NLI, "minilm-nli.jsonl", HeldOutData::rightLabels);
  }

  private void assertAccuracy(
      EmbeddedCheckpoint embedded,
      String file,
      ToIntBiFunction<List<JsonNode>, List<Score>> countRight)
      throws IOException {
    List<JsonNode> lines = data.lines(file);
    List<TextPair> pairs = HeldOutData.pairs(lines);
    String name = embedded.modelName();
    try (CrossEncoder full = TestModels.open(name);
        CrossEncoder int8 = openInt8(embedded)) {
      List<Score> expected = full.score(pairs);
      List<Score> actual = int8.score(pairs);

      double fullAccuracy = (double) countRight.applyAsInt(lines, expected) / lines.size();
      double int8Accuracy = (double) countRight.applyAsInt(lines, actual) / lines.size();
      System.out.printf(
          "%s: accuracy %.4f in fp32, %.4f in int8, on %d pairs; %s%n",
          name, fullAccuracy, int8Accuracy, lines.size(), errors(expected, actual));
      assertThat(int8Accuracy).isGreaterThanOrEqualTo(fullAccuracy - MAX_POINTS_LOST);
    }
  }

  /** Says how far logits are off: the median, the 99th percentile and the worst. */
  private static String errors(List<Score> expected, List<Score> actual) {
    List<Double> errors = new ArrayList<>();
    double squares = 0;
    for (int i = 0; i < expected.size(); i++) {
      for (int label = 0; label < expected.get(i).logits().size(); label++) {
        double logit = expected.get(i).logits().get(label);
        errors.add(Math.abs(actual.get(i).logits().get(label) - logit));
        squares += logit * logit;
      }
    }
    errors.sort(null);
    return "logits off by %.4f in the median, %.4f at the 99th percentile, %.4f at most; their root mean square is %.2f"
        .formatted(
            errors.get(errors.size() / 2),
            errors.get((int) (errors.size() * 0.99)),
            errors.get(errors.size() - 1),
            Math.sqrt(squares / errors.size()));
  }

  @Test
  void demoQaRanksThePassagesOfTrecDl2019() throws IOException {
    try (CrossEncoder full = TestModels.open("demo-qa");
        CrossEncoder int8 = openInt8(EmbeddedCheckpoint.DEMO_QA)) {
      double expected = HeldOutData.mean(data.rankTrecDl2019(full));
      double actual = HeldOutData.mean(data.rankTrecDl2019(int8));

      System.out.printf(
          "demo-qa: NDCG@10 on TREC DL 2019 %.4f in fp32, %.4f in int8, %+.2f %%%n",
          expected, actual, 100 * (actual / expected - 1));
      assertThat(actual).isGreaterThanOrEqualTo(expected * (1 - MAX_NDCG_LOST));
    }
  }
}
