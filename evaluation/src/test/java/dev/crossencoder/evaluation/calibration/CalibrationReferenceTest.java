package dev.crossencoder.evaluation.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.crossencoder.model.Calibration;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The results are those that src/test/python/calibration_reference.py recorded. */
class CalibrationReferenceTest {
  /** Scipy's minimum of a flat function is less exact than ours. */
  private static final double FIT_TOLERANCE = 1e-6;

  private static final double TOLERANCE = 1e-9;

  /** Two probabilities of one pair may differ by a rounding of floats. */
  private static final float PROBABILITY_TOLERANCE = 1e-6f;

  static Stream<JsonNode> binaries() throws IOException {
    return cases("binaries");
  }

  static Stream<JsonNode> labels() throws IOException {
    return cases("labels");
  }

  private static Stream<JsonNode> cases(String kind) throws IOException {
    try (InputStream in = CalibrationReferenceTest.class.getResourceAsStream("reference.json")) {
      JsonNode cases = new JsonMapper().readTree(in).path(kind);
      assertThat(cases).isNotEmpty();
      return StreamSupport.stream(cases.spliterator(), false);
    }
  }

  @ParameterizedTest
  @MethodSource("binaries")
  void plattScalingFindsTheSameCalibration(JsonNode recorded) {
    double[] logits = numbers(recorded.path("logits"));

    Calibration calibration = PlattScaling.fit(logits, positive(recorded));

    assertThat(calibration.slope())
        .isCloseTo(recorded.path("slope").asDouble(), within(FIT_TOLERANCE));
    assertThat(calibration.intercept())
        .isCloseTo(recorded.path("intercept").asDouble(), within(FIT_TOLERANCE));
    assertThat(calibration.pairs()).isEqualTo(logits.length);
    double[] probabilities = numbers(recorded.path("probabilities"));
    for (int i = 0; i < logits.length; i++) {
      assertThat(calibration.apply(new float[] {(float) logits[i]})[0])
          .isCloseTo((float) probabilities[i], within(PROBABILITY_TOLERANCE));
    }
  }

  @ParameterizedTest
  @MethodSource("binaries")
  void theErrorOfScoresIsTheSame(JsonNode recorded) {
    assertError(
        recorded,
        CalibrationError.ofBinary(numbers(recorded.path("probabilities")), positive(recorded)));
  }

  @ParameterizedTest
  @MethodSource("binaries")
  void theThresholdsAreTheSame(JsonNode recorded) {
    double[] probabilities = numbers(recorded.path("probabilities"));
    recorded
        .path("thresholds")
        .properties()
        .forEach(
            wanted -> {
              Optional<PrecisionThreshold> found =
                  PrecisionThreshold.find(
                      probabilities, positive(recorded), Double.parseDouble(wanted.getKey()), 1);
              JsonNode expected = wanted.getValue();
              assertThat(found.isPresent()).isEqualTo(!expected.isNull());
              found.ifPresent(
                  threshold -> {
                    assertThat(threshold.threshold())
                        .isEqualTo(expected.path("threshold").asDouble());
                    assertThat(threshold.precision())
                        .isCloseTo(expected.path("precision").asDouble(), within(TOLERANCE));
                    assertThat(threshold.recall())
                        .isCloseTo(expected.path("recall").asDouble(), within(TOLERANCE));
                    assertThat(threshold.pairs()).isEqualTo(expected.path("pairs").asInt());
                  });
            });
  }

  @ParameterizedTest
  @MethodSource("labels")
  void temperatureScalingFindsTheSameCalibration(JsonNode recorded) {
    List<float[]> logits = rows(recorded.path("logits"));

    Calibration calibration = TemperatureScaling.fit(logits, gold(recorded));

    assertThat(calibration.temperature())
        .isCloseTo(recorded.path("temperature").asDouble(), within(FIT_TOLERANCE));
    List<float[]> probabilities = rows(recorded.path("probabilities"));
    for (int i = 0; i < logits.size(); i++) {
      assertThat(calibration.apply(logits.get(i)))
          .containsExactly(probabilities.get(i), within(PROBABILITY_TOLERANCE));
    }
  }

  @ParameterizedTest
  @MethodSource("labels")
  void theErrorOfLabelsIsTheSame(JsonNode recorded) {
    CalibrationError error =
        CalibrationError.ofLabels(
            rows(recorded.path("probabilities")).stream()
                .map(CalibrationReferenceTest::doubles)
                .toList(),
            gold(recorded));

    assertThat(error.expected())
        .isCloseTo(recorded.path("error").path("expected").asDouble(), within(TOLERANCE));
    // scikit-learn divides the rounded probabilities by their sum.
    assertThat(error.logLoss()).isCloseTo(recorded.path("log_loss").asDouble(), within(1e-7));
  }

  private static void assertError(JsonNode recorded, CalibrationError error) {
    JsonNode expected = recorded.path("error");
    assertThat(error.expected()).isCloseTo(expected.path("expected").asDouble(), within(TOLERANCE));
    assertThat(error.logLoss()).isCloseTo(recorded.path("log_loss").asDouble(), within(TOLERANCE));
    assertThat(error.bins()).hasSize(expected.path("shares").size());
    for (int i = 0; i < error.bins().size(); i++) {
      CalibrationError.Bin bin = error.bins().get(i);
      assertThat(bin.pairs()).isEqualTo(expected.path("counts").path(i).asInt());
      assertThat(bin.probability())
          .isCloseTo(expected.path("probabilities").path(i).asDouble(), within(TOLERANCE));
      assertThat(bin.share())
          .isCloseTo(expected.path("shares").path(i).asDouble(), within(TOLERANCE));
    }
  }

  private static double[] doubles(float[] row) {
    double[] doubles = new double[row.length];
    for (int i = 0; i < row.length; i++) {
      doubles[i] = row[i];
    }
    return doubles;
  }

  private static double[] numbers(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false)
        .mapToDouble(JsonNode::asDouble)
        .toArray();
  }

  private static boolean[] positive(JsonNode recorded) {
    int[] gold = gold(recorded);
    boolean[] positive = new boolean[gold.length];
    for (int i = 0; i < gold.length; i++) {
      positive[i] = gold[i] == 1;
    }
    return positive;
  }

  private static int[] gold(JsonNode recorded) {
    return StreamSupport.stream(recorded.path("gold").spliterator(), false)
        .mapToInt(JsonNode::asInt)
        .toArray();
  }

  private static List<float[]> rows(JsonNode array) {
    List<float[]> rows = new ArrayList<>();
    for (JsonNode values : array) {
      float[] row = new float[values.size()];
      for (int i = 0; i < row.length; i++) {
        row[i] = (float) values.path(i).asDouble();
      }
      rows.add(row);
    }
    return rows;
  }
}
