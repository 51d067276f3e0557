package dev.crossencoder.cli.evaluate;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.evaluation.calibration.CalibrationError;
import dev.crossencoder.evaluation.calibration.PrecisionThreshold;
import dev.crossencoder.model.Calibration;
import dev.crossencoder.model.bundle.Bundle;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a calibration has changed.
 *
 * @param name of the model
 * @param pairs the number of labelled pairs
 * @param bundle the calibrated bundle
 * @param before the error of the sigmoid or softmax of the logits
 * @param after the error of calibrated probabilities
 * @param thresholds from which score on a precision is reached
 * @param notes sentences
 */
record CalibrationReport(
    String name,
    int pairs,
    Calibration calibration,
    Bundle bundle,
    CalibrationError before,
    CalibrationError after,
    List<LabelThreshold> thresholds,
    List<String> notes) {
  /**
   * The threshold of a precision.
   *
   * @param label null for a model with one label
   * @param wanted the precision
   * @param found empty if no threshold reaches it
   */
  record LabelThreshold(String label, double wanted, Optional<PrecisionThreshold> found) {}

  static CalibrationReport of(
      CalibrationSample sample,
      Calibration calibration,
      Bundle bundle,
      List<Double> precisions,
      long seed,
      List<String> notes) {
    List<LabelThreshold> thresholds = new ArrayList<>();
    int labels = sample.binary() ? 1 : sample.labels().size();
    for (int label = 0; label < labels; label++) {
      double[] probabilities = sample.probabilities(calibration, label);
      boolean[] positive = sample.isGold(sample.binary() ? 1 : label);
      for (double precision : precisions) {
        thresholds.add(
            new LabelThreshold(
                sample.binary() ? null : sample.labels().get(label),
                precision,
                PrecisionThreshold.find(probabilities, positive, precision)));
      }
    }
    return new CalibrationReport(
        bundle.manifest().name(),
        sample.size(),
        calibration,
        bundle,
        sample.before(),
        sample.after(seed),
        thresholds,
        notes);
  }

  /** Returns the report for a terminal. */
  String text() {
    StringBuilder text = new StringBuilder();
    text.append("%s: %s%n%n".formatted(name, calibration));
    text.append(
        TextTable.of(
            List.of(
                List.of("", "before", "after"),
                List.of(
                    "expected calibration error",
                    number(before.expected()),
                    number(after.expected())),
                List.of("log loss", number(before.logLoss()), number(after.logLoss())))));
    text.append("%nThresholds:%n".formatted());
    text.append(TextTable.of(thresholdLines()));
    text.append(
        "%n%s is written, with the digest %s.%n".formatted(bundle.folder(), bundle.digest()));
    notes.forEach(note -> text.append("Note: ").append(note).append(System.lineSeparator()));
    return text.toString();
  }

  private List<List<String>> thresholdLines() {
    boolean labelled = calibration.method() == Calibration.Method.TEMPERATURE;
    List<List<String>> lines = new ArrayList<>();
    List<String> header = new ArrayList<>(List.of("precision", "from", "recall", "pairs"));
    if (labelled) {
      header.add(0, "label");
    }
    lines.add(header);
    for (LabelThreshold threshold : thresholds) {
      List<String> line = new ArrayList<>();
      if (labelled) {
        line.add(threshold.label());
      }
      line.add(String.format(Locale.ROOT, "%s", threshold.wanted()));
      threshold
          .found()
          .ifPresentOrElse(
              found -> {
                line.add(rounded(found.threshold()));
                line.add(String.format(Locale.ROOT, "%.2f", found.recall()));
                line.add(String.format(Locale.ROOT, "%,d", found.pairs()));
              },
              () -> line.addAll(List.of("never", "", "")));
      lines.add(line);
    }
    return lines;
  }

  /** Rounded down, so that the pair with this score passes. */
  private static String rounded(double threshold) {
    return String.format(Locale.ROOT, "%.4f", Math.floor(threshold * 1e4) / 1e4);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }

  /** Returns the report as a JSON object on one line. */
  String json() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("model", name);
    root.put("method", calibration.key());
    if (calibration.method() == Calibration.Method.PLATT) {
      root.put("slope", calibration.slope());
      root.put("intercept", calibration.intercept());
    } else {
      root.put("temperature", calibration.temperature());
    }
    root.put("pairs", pairs);
    root.set("before", error(before));
    root.set("after", error(after));
    ArrayNode array = root.putArray("thresholds");
    for (LabelThreshold threshold : thresholds) {
      ObjectNode node = array.addObject();
      if (threshold.label() != null) {
        node.put("label", threshold.label());
      }
      node.put("precision", threshold.wanted());
      threshold
          .found()
          .ifPresentOrElse(
              found -> {
                node.put("from", found.threshold());
                node.put("recall", found.recall());
                node.put("pairs", found.pairs());
              },
              () -> node.putNull("from"));
    }
    root.put("bundle", bundle.folder().toString());
    root.put("revision", bundle.digest());
    ArrayNode sentences = root.putArray("notes");
    notes.forEach(sentences::add);
    return root + System.lineSeparator();
  }

  private static ObjectNode error(CalibrationError error) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("expected_calibration_error", error.expected());
    node.put("log_loss", error.logLoss());
    return node;
  }
}
