package dev.crossencoder.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import dev.crossencoder.benchmark.report.Summary;
import dev.crossencoder.benchmark.report.ThroughputResult.ScoreError;
import java.util.ArrayList;
import java.util.List;

/** Compares logits in the form in which workers return them: an array of rows. */
final class Logits {
  private Logits() {}

  /**
   * Returns the differences of logits from a reference, divided by max(1, |reference|).
   *
   * @throws IllegalArgumentException if the numbers of logits differ
   */
  static ScoreError error(JsonNode logits, JsonNode reference) {
    List<Double> errors = new ArrayList<>();
    if (logits.size() != reference.size()) {
      throw new IllegalArgumentException(
          "Cannot compare logits of %d pairs with those of %d"
              .formatted(logits.size(), reference.size()));
    }
    for (int i = 0; i < logits.size(); i++) {
      if (logits.get(i).size() != reference.get(i).size()) {
        throw new IllegalArgumentException(
            "Cannot compare %d logits of a pair with %d"
                .formatted(logits.get(i).size(), reference.get(i).size()));
      }
      for (int j = 0; j < logits.get(i).size(); j++) {
        double expected = reference.get(i).get(j).asDouble();
        double difference = Math.abs(logits.get(i).get(j).asDouble() - expected);
        double error = difference / Math.max(1, Math.abs(expected));
        errors.add(Double.isNaN(error) ? Double.POSITIVE_INFINITY : error);
      }
    }
    return new ScoreError(
        Summary.percentile(errors, 0.5),
        Summary.percentile(errors, 0.99),
        Summary.percentile(errors, 1));
  }
}
