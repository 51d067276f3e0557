package dev.crossencoder.cli.evaluate;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.crossencoder.cli.command.TextTable;
import dev.crossencoder.evaluation.calibration.CalibrationError;
import dev.crossencoder.evaluation.calibration.PrecisionThreshold;
import dev.crossencoder.model.Calibration;
import dev.crossencoder.model.bundle.Bundle;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What was calibrated, and what has changed.
 *
 * @param pairs the number of labelled pairs
 * @param bundle the calibrated bundle
 * @param notes sentences
 */
record CalibrationReport(
    int pairs,
    Calibration calibration,
    Bundle bundle,
    CalibrationFigures figures,
    List<String> notes) {
  private static final int FEWEST_DIGITS = 4;
  private static final int MOST_DIGITS = 9;

  private String name() {
    return bundle.manifest().name();
  }

  /** Returns the report for a terminal. */
  String text() {
    StringBuilder text = new StringBuilder();
    text.append("%s: %s%n%n".formatted(name(), calibration));
    text.append(
        TextTable.of(
            List.of(
                List.of("", "before", "after"),
                List.of(
                    "expected calibration error",
                    number(figures.before().expected()),
                    number(figures.after().expected())),
                List.of(
                    "log loss",
                    number(figures.before().logLoss()),
                    number(figures.after().logLoss())))));
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
    List<String> header =
        new ArrayList<>(List.of("precision", "from", "at least", "recall", "pairs"));
    if (labelled) {
      header.add(0, "label");
    }
    lines.add(header);
    for (CalibrationFigures.LabelThreshold threshold : figures.thresholds()) {
      List<String> line = new ArrayList<>();
      if (labelled) {
        line.add(threshold.label());
      }
      line.add(String.format(Locale.ROOT, "%s", threshold.wanted()));
      threshold
          .found()
          .ifPresentOrElse(
              found -> {
                line.add(rounded(found));
                line.add(String.format(Locale.ROOT, "%.2f", found.lowerBound()));
                line.add(String.format(Locale.ROOT, "%.2f", found.recall()));
                line.add(String.format(Locale.ROOT, "%,d", found.pairs()));
              },
              () -> line.addAll(List.of("never", "", "", "")));
      lines.add(line);
    }
    return lines;
  }

  /** Rounded down, with so many digits that the pair with the next lower score does not pass. */
  private static String rounded(PrecisionThreshold found) {
    for (int digits = FEWEST_DIGITS; digits < MOST_DIGITS; digits++) {
      double power = Math.pow(10, digits);
      double rounded = Math.floor(found.threshold() * power) / power;
      if (rounded > found.below()) {
        return String.format(Locale.ROOT, "%." + digits + "f", rounded);
      }
    }
    return String.valueOf((float) found.threshold());
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }

  /** Returns the report as a JSON object on one line. */
  String json() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("model", name());
    root.put("method", calibration.key());
    if (calibration.method() == Calibration.Method.PLATT) {
      root.put("slope", calibration.slope());
      root.put("intercept", calibration.intercept());
    } else {
      root.put("temperature", calibration.temperature());
    }
    root.put("pairs", pairs);
    root.set("before", error(figures.before()));
    root.set("after", error(figures.after()));
    ArrayNode array = root.putArray("thresholds");
    for (CalibrationFigures.LabelThreshold threshold : figures.thresholds()) {
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
                node.put("at_least", found.lowerBound());
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
